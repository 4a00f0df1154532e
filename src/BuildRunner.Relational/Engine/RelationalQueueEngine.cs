using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Relational;

/// <summary>
/// Represents a queue in two tables of a database.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
internal sealed class RelationalQueueEngine : IQueueEngine
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
    private volatile bool _isMigrated;
    private int _isDisposed;

    /// <summary>
    /// Initializes a new instance of the <see cref="RelationalQueueEngine"/> class.
    /// </summary>
    /// <param name="database">The database. It is disposed of with the engine.</param>
    /// <param name="timeProvider">Times the pauses between tries. What is due is decided by the database's clock.</param>
    /// <exception cref="ArgumentNullException"><paramref name="database"/> or <paramref name="timeProvider"/> is <see langword="null"/>.</exception>
    public RelationalQueueEngine(IQueueDatabase database, TimeProvider timeProvider)
        : this(database, timeProvider, NullLogger.Instance)
    {
    }

    /// <summary>
    /// Initializes a new instance of the <see cref="RelationalQueueEngine"/> class.
    /// </summary>
    /// <param name="database">The database. It is disposed of with the engine.</param>
    /// <param name="timeProvider">Times the pauses between tries. What is due is decided by the database's clock.</param>
    /// <param name="logger">Logs a server that is away at the start, and what the database refuses to store.</param>
    /// <exception cref="ArgumentNullException"><paramref name="database"/>, <paramref name="timeProvider"/> or <paramref name="logger"/> is <see langword="null"/>.</exception>
    public RelationalQueueEngine(IQueueDatabase database, TimeProvider timeProvider, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(logger);
        _database = database;
        _timeProvider = timeProvider;
        _logger = logger;
        _start = new SharedRun(WaitForServerAsync);
        _migration = new SharedRun(TryMigrateAsync);
    }

    /// <inheritdoc/>
    public string Name => _database.Name;

    /// <summary>
    /// Gets how long a start waits for a server that is away: zero, which is not at all, or more. The default is 1 minute.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    /// <remarks>
    /// Waits up to <see cref="StartTimeout"/>, and for the try that is under way by then, for a server that is away.
    /// A server that is read-only is waited for only while the schema is not up to date, because nothing is written otherwise.
    /// Starts that overlap are one start.
    /// </remarks>
    public Task StartAsync(CancellationToken cancellationToken) => _isStarted ? Task.CompletedTask : _start.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publications);
        if (publications.Count == 0)
        {
            return [];
        }

        return await RunAsync(session => session.PublishAsync(publications, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Publishes messages when a caller's transaction is committed.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="publications">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What becomes of each message when the transaction is committed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="transaction"/> or <paramref name="publications"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    /// <exception cref="InvalidOperationException">The tables of the queue are not there or not up to date, because no engine was started. It cannot be done here: it might wait for the transaction.</exception>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(publications);
        if (!_isStarted && !_isMigrated)
        {
            _isMigrated = await _database.IsMigratedAsync(transaction, cancellationToken).ConfigureAwait(false)
                ? true
                : throw new InvalidOperationException("The database of the transaction does not have the queue's tables, or not all of them. Start the host, or call StartAsync of the queue's engine, before the transaction begins.");
        }

        var session = _database.Join(transaction);
        await using (session.ConfigureAwait(false))
        {
            return publications.Count == 0 ? [] : await session.PublishAsync(publications, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public IDisposable Subscribe(string topic, Action<TimeSpan> wake) => _database.Signals.Subscribe(topic, wake);

    /// <inheritdoc/>
    public async Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        var rows = await RunAsync(session => session.ListAsync(Topic.DeadLettersOf(topic), limit, after, cancellationToken), cancellationToken).ConfigureAwait(false);
        return new DeadLetterPage { Letters = [.. rows.Select(Stored.LetterOf)], Next = rows.Count < limit ? null : new MessageKey { PartitionKey = rows[^1].PartitionKey, Id = rows[^1].Id } };
    }

    /// <inheritdoc/>
    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RunAsync(topic, keys, static (transaction, token) => transaction.RedriveAsync(token), cancellationToken);

    /// <inheritdoc/>
    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RunAsync(topic, keys, static (transaction, token) => transaction.PurgeAsync(token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
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

    /// <summary>Does work in a transaction, on tables that are up to date, and does it again where it failed for a passing reason.</summary>
    internal Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) =>
        TryAsync(() => _database.RunAsync(work, cancellationToken), cancellationToken);

    /// <summary>Does something with tables that are up to date, and does it again where it failed for a passing reason.</summary>
    internal async Task<T> TryAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await MigrateAsync(cancellationToken).ConfigureAwait(false);
        return await RepeatAsync(action, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does a round in one transaction.</summary>
    internal Task<QueueRoundResult> RunRoundInOneAsync(QueueRound round, CancellationToken cancellationToken)
    {
        var asked = _timeProvider.GetTimestamp();
        var waited = TimeSpan.Zero;
        RoundTransaction? last = null;
        return RunAsync(
            async session =>
            {
                // The last try may have been committed although its answer was lost; done again, its claims would be nobody's until their leases end.
                if (last?.Decided is { } decided && await IsCommittedAsync(session, round.Topic, decided, cancellationToken).ConfigureAwait(false))
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
    internal bool IsRefused(Exception exception) => _database.KindOf(exception) == FailureKind.Content;

    /// <summary>Finds out whether a round was committed that has claimed something: all of it was if one of its leases is there.</summary>
    private static async Task<bool> IsCommittedAsync(QueueSession session, string topic, QueueRoundResult result, CancellationToken cancellationToken)
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
                Log.StartFailed(_logger, delay, exception);
                await Task.Delay(delay, _timeProvider, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Brings the schema up to date, if that was not done yet.</summary>
    private Task MigrateAsync(CancellationToken cancellationToken) => _isStarted ? Task.CompletedTask : _migration.RunAsync(cancellationToken);

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

    private bool IsAway(Exception exception) => _database.KindOf(exception) is FailureKind.Transient or FailureKind.ReadOnly or FailureKind.TimedOut;

    private async Task<int> RunAsync(string topic, IReadOnlyList<MessageKey> keys, Func<LetterTransaction, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        MessageKey[] distinct = [.. keys.Distinct()];
        return distinct.Length == 0
            ? 0
            : await RunAsync(session => action(new LetterTransaction(session, topic, distinct), cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await EndingWithAsync(action(), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (tries < MaxTries && _database.KindOf(exception) is FailureKind.Transient or FailureKind.ReadOnly)
            {
                await Task.Delay(RetryPause * (tries * Random.Shared.NextDouble()), _timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for what a driver does until the token ends the wait: a driver whose server hangs heeds it late. What it does goes on until its time-out.</summary>
    private static Task<T> EndingWithAsync<T>(Task<T> running, CancellationToken cancellationToken)
    {
        if (running.IsCompleted || !cancellationToken.CanBeCanceled)
        {
            return running;
        }

        // Whoever has gone meanwhile does not look at what it came to.
        _ = running.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running.WaitAsync(cancellationToken);
    }
}
