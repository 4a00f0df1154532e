using BuildRunner.Queue.Rules;
using BuildRunner.Queue.Sessions;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Engines;

/// <summary>A queue in a database: has the rules decide in its transactions, starts it, and repeats what failed for a passing reason. Safe
/// for use by several threads.</summary>
internal class QueueEngine : IQueueEngine
{
    private const int MaxTries = 5;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstStartPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestStartPause = TimeSpan.FromSeconds(5);

    private readonly IQueueDatabase _database;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SharedRun _start;
    private readonly SharedRun _migration;
    private volatile bool _isStarted;
    private int _isDisposed;

    /// <param name="database">The database. It is disposed of with the engine.</param>
    /// <param name="timeProvider">Times the pauses between tries. What is due is decided by the database's clock.</param>
    /// <param name="logger">Logs a server that is away at the start, and what the database refuses to store.</param>
    public QueueEngine(IQueueDatabase database, TimeProvider timeProvider, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _database = database;
        _timeProvider = timeProvider;
        _logger = HarmlessLogger.Of(logger);
        _start = new SharedRun(WaitForServerAsync);
        _migration = new SharedRun(TryMigrateAsync);
    }

    public string Name => _database.Name;

    /// <summary>Gets how long a start waits for a server that is away: zero, which is not at all, or more. The default is 1
    /// minute.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets a value indicating whether the schema is known to be up to date.</summary>
    protected bool IsStarted => _isStarted;

    /// <inheritdoc/>
    /// <remarks>
    /// Waits up to <see cref="StartTimeout"/>, and for the try that is under way by then, for a server that is away.
    /// A server that is read-only is waited for only while the schema is not up to date, because nothing is written otherwise.
    /// Starts that overlap are one start.
    /// </remarks>
    public Task StartAsync(CancellationToken cancellationToken) => _isStarted ? Task.CompletedTask : _start.RunAsync(cancellationToken);

    public async Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0)
        {
            return [];
        }

        var published = await RunAsync(
            session => new PublishTransaction(session).RunAsync(write: null, messages, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return published!;
    }

    public async Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(round);
        try
        {
            return await RunRoundInOneAsync(round, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsRefused(exception))
        {
            return await new RefusedRound(this, round, _logger, cancellationToken).RunAsync().ConfigureAwait(false);
        }
    }

    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => _database.Signals.Subscribe(topic, wake);

    public async Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        var deadLetters = Topic.DeadLettersOf(topic);
        var rows = await RunAsync(session => session.ListAsync(deadLetters, limit, after, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new DeadLetterPage { Letters = [.. rows.Select(LetterOf)], Next = rows.Count < limit ? null : rows[^1].Key };
    }

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RunAsync(topic, keys, static (transaction, token) => transaction.RedriveAsync(token), cancellationToken);

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RunAsync(topic, keys, static (transaction, token) => transaction.PurgeAsync(token), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);

        // A container disposes what is registered twice twice.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _start.CloseAsync().ConfigureAwait(false);
        await _migration.CloseAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Does work in a transaction, on tables that are up to date, and repeats it where it failed for a passing reason.</summary>
    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) =>
        TryAsync(() => _database.RunAsync(work, cancellationToken), cancellationToken);

    /// <summary>Does something with tables that are up to date, and repeats it where it failed for a passing reason.</summary>
    public async Task<T> TryAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await MigrateAsync(cancellationToken).ConfigureAwait(false);
        return await RepeatAsync(action, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a round in one transaction.</summary>
    public Task<QueueRoundResult> RunRoundInOneAsync(QueueRound round, CancellationToken cancellationToken)
    {
        var asked = _timeProvider.GetTimestamp();
        var waited = TimeSpan.Zero;
        RoundTransaction? last = null;
        return RunAsync(
            async session =>
            {
                // The last try may have been committed although its answer was lost; repeated, its claims would be nobody's until their
                // leases end.
                if (last?.Decided is { } decided
                    && await IsCommittedAsync(session, round.Topic, decided, cancellationToken).ConfigureAwait(false))
                {
                    return decided with { Waited = waited };
                }

                // The database's clock is read after this.
                waited = _timeProvider.GetElapsedTime(asked);
                last = new RoundTransaction(session, round);
                return await last.RunAsync(cancellationToken).ConfigureAwait(false) with { Waited = waited };
            },
            cancellationToken);
    }

    /// <summary>Gets a value indicating whether the database has refused what it was to store.</summary>
    public bool IsRefused(Exception exception) => _database.KindOf(exception) == FailureKind.Content;

    private static DeadLetter LetterOf(MessageRow row) => row.Content is { Message: { } message, Cause: var cause }
        ? new(message, DateTimeOffset.FromUnixTimeMilliseconds(row.PublishedAt), cause)
        : throw new InvalidOperationException(
            $"The dead letter '{row.Id}' of the partition '{row.PartitionKey}' cannot be read; purge it.");

    /// <summary>Finds out whether a round was committed that has claimed something: all of it was if one of its leases is there.</summary>
    private static async Task<bool> IsCommittedAsync(
        QueueSession session, string topic, QueueRoundResult result, CancellationToken cancellationToken)
    {
        if (result.Claims.Count == 0)
        {
            return false;
        }

        var lease = result.Claims[0].Lease;
        var locks = await session.LockForRoundAsync(topic, [lease.PartitionKey], 0, 0, cancellationToken).ConfigureAwait(false);
        return locks.Named.Any(row => row.LeaseToken == lease.Token) || locks.Busy.GetValueOrDefault(lease.PartitionKey) == lease.Token;
    }

    private async Task WaitForServerAsync()
    {
        var began = _timeProvider.GetTimestamp();
        for (var pause = FirstStartPause; ; pause = pause * 2 < LongestStartPause ? pause * 2 : LongestStartPause)
        {
            try
            {
                await MigrateAsync(_stop.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (IsAway(exception) && _timeProvider.GetElapsedTime(began) < StartTimeout)
            {
                var delay = pause * (0.5 + (Random.Shared.NextDouble() / 2));
                QueueLog.StartFailed(_logger, delay, exception);
                await Task.Delay(delay, _timeProvider, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Brings the schema up to date, if that was not done yet.</summary>
    private Task MigrateAsync(CancellationToken cancellationToken) =>
        _isStarted ? Task.CompletedTask : _migration.RunAsync(cancellationToken);

    private async Task TryMigrateAsync()
    {
        if (_isStarted)
        {
            return;
        }

        await RepeatAsync(
            async () =>
            {
                await _database.MigrateAsync(_stop.Token).ConfigureAwait(false);
                return true;
            },
            _stop.Token).ConfigureAwait(false);
        _isStarted = true;
    }

    private bool IsAway(Exception exception) =>
        _database.KindOf(exception) is FailureKind.Transient or FailureKind.ReadOnly or FailureKind.TimedOut;

    private async Task<int> RunAsync(
        string topic,
        IReadOnlyList<MessageKey> keys,
        Func<DeadLetterTransaction, CancellationToken, Task<int>> action,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        MessageKey[] distinct = [.. keys.Distinct()];
        return distinct.Length == 0
            ? 0
            : await RunAsync(session => action(new DeadLetterTransaction(session, topic, distinct), cancellationToken), cancellationToken)
                .ConfigureAwait(false);
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await EndingWithAsync(action(), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (tries < MaxTries && _database.KindOf(exception) is var kind
                && kind is FailureKind.Transient or FailureKind.ReadOnly)
            {
                await Task.Delay(RetryPause * (tries * Random.Shared.NextDouble()), _timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for what a driver does until the token ends the wait: a driver whose server hangs heeds it late. What it does goes on
    /// until its time-out.</summary>
    private static Task<T> EndingWithAsync<T>(Task<T> running, CancellationToken cancellationToken)
    {
        if (running.IsCompleted || !cancellationToken.CanBeCanceled)
        {
            return running;
        }

        // Whoever has gone meanwhile does not look at what it came to.
        _ = running.ContinueWith(
            static ended => ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return running.WaitAsync(cancellationToken);
    }
}
