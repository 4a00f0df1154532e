namespace BuildRunner.Queue.Engines;

/// <summary>Starts a database, runs the rules in its transactions and retries transient failures. Safe for concurrent use.</summary>
internal class QueueEngine : IQueueEngine
{
    private const int MaxTries = 5;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);
    private static readonly RetryPolicy StartPauses = new(int.MaxValue, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));

    private readonly IQueueDatabase _database;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SharedRun _start;
    private readonly SharedRun _migration;
    private volatile bool _isStarted;
    private int _isDisposed;

    // The engine disposes the database. Its clock decides what is due; the time provider times the pauses between tries.
    public QueueEngine(IQueueDatabase database, TimeProvider timeProvider, ILogger? logger = null)
    {
        (_database, _timeProvider) = (database, timeProvider);
        _logger = HarmlessLogger.Of(logger);
        _start = new SharedRun(WaitForServerAsync);
        _migration = new SharedRun(TryMigrateAsync);
    }

    public string Name => _database.Name;

    /// <summary>Gets the time to wait at start for an unreachable server: zero (do not wait) or more. The default is 1 minute.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);

    protected bool IsStarted => _isStarted;

    /// <inheritdoc/>
    /// <remarks>Waits for an unreachable server up to <see cref="StartTimeout"/>, plus the try in progress by then. Waits for a read-only
    /// server only if the schema is not up to date, because otherwise nothing is written. Concurrent calls share one start.</remarks>
    public Task StartAsync(CancellationToken cancellationToken) => _isStarted ? Task.CompletedTask : _start.RunAsync(cancellationToken);

    public virtual Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        messages.Count == 0
            ? Task.FromResult<IReadOnlyList<PublishResult>>([])
            : RunAsync(session => new PublishTransaction(session).RunAsync(messages, cancellationToken), cancellationToken);

    public async Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken)
    {
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

    public async Task<IReadOnlyList<MessageKey>> ListDeadLetterKeysAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        var rows = await RunAsync(
            session => session.ListAsync(Topic.DeadLettersOf(topic), limit, after, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(static row => row.Key)];
    }

    public Task<DeadLetterPage> ListDeadLettersAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken) => RunAsync(
        async session =>
        {
            var deadLetters = Topic.DeadLettersOf(topic);
            var rows = await session.ListAsync(deadLetters, limit, after, cancellationToken).ConfigureAwait(false);
            MessageQuery query = new() { Topic = deadLetters, SequencesWithContent = [.. rows.Select(static row => row.Sequence)] };
            var read = await session.ReadAsync(query, cancellationToken).ConfigureAwait(false);
            var bySequence = read.BySequence.ToDictionary(static row => row.Sequence);

            // One that is missing was taken since.
            var found = rows.Select(row => bySequence.GetValueOrDefault(row.Sequence)).OfType<MessageRow>()
                .ToLookup(static row => row.Content!.Message is not null);
            return new DeadLetterPage
            {
                Letters = [.. found[true].Select(LetterOf)],
                Unreadable = [.. found[false].Select(static row => row.Key)],
                Next = rows.Count < limit ? null : rows[^1].Key,
            };
        },
        cancellationToken);

    public Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RemoveAsync(topic, keys, transaction => transaction.RedriveAsync(cancellationToken), cancellationToken);

    public Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        RemoveAsync(topic, keys, transaction => transaction.PurgeAsync(cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);

        // A container disposes a service that is registered twice twice.
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

    /// <summary>Runs work in a transaction on an up-to-date schema, and retries transient failures.</summary>
    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) =>
        TryAsync(() => _database.RunAsync(work, cancellationToken), cancellationToken);

    /// <summary>Runs an action on an up-to-date schema, and retries transient failures.</summary>
    public Task<T> TryAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        RepeatAsync(action, migrates: true, cancellationToken);

    public Task<QueueRoundResult> RunRoundInOneAsync(QueueRound round, CancellationToken cancellationToken)
    {
        var asked = _timeProvider.GetTimestamp();
        var waited = TimeSpan.Zero;
        RoundTransaction? last = null;
        return RunAsync(
            async session =>
            {
                // The last try may have committed although its answer was lost; a repeat would orphan its claims until they expire.
                if (last?.Decided is { } decided
                    && await IsCommittedAsync(session, round.Topic, decided, cancellationToken).ConfigureAwait(false))
                {
                    return decided with { Waited = waited };
                }

                // The database's clock is read after this point.
                waited = _timeProvider.GetElapsedTime(asked);
                last = new RoundTransaction(session, round);
                return await last.RunAsync(cancellationToken).ConfigureAwait(false) with { Waited = waited };
            },
            cancellationToken);
    }

    public bool IsRefused(Exception exception) => _database.KindOf(exception) == FailureKind.Content;

    /// <summary>Determines whether the server is away, hangs or is read-only, for which no request is to blame.</summary>
    public bool IsAway(Exception exception) =>
        _database.KindOf(exception) is FailureKind.Transient or FailureKind.ReadOnly or FailureKind.TimedOut;

    private static DeadLetter LetterOf(MessageRow row) =>
        new()
        {
            Message = row.Content!.Message!,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.PublishedAt),
            Cause = row.Content.Cause,
        };

    /// <summary>Determines whether a round with claims was committed: it was if one of its leases exists.</summary>
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
        for (var tries = 1; ; tries++)
        {
            try
            {
                await MigrateAsync(_stop.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (IsAway(exception) && _timeProvider.GetElapsedTime(began) < StartTimeout)
            {
                var delay = StartPauses.DelayAfter(tries, 0.5 + (Random.Shared.NextDouble() / 2));
                QueueLog.StartFailed(_logger, delay, exception);
                await Task.Delay(delay, _timeProvider, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Brings the schema up to date unless that is done.</summary>
    private Task MigrateAsync(CancellationToken cancellationToken) =>
        _isStarted ? Task.CompletedTask : _migration.RunAsync(cancellationToken);

    private async Task TryMigrateAsync()
    {
        _isStarted = _isStarted || await RepeatAsync(
            async () =>
            {
                await _database.MigrateAsync(_stop.Token).ConfigureAwait(false);
                return true;
            },
            migrates: false,
            _stop.Token).ConfigureAwait(false);
    }

    private Task<int> RemoveAsync(
        string topic, IReadOnlyList<MessageKey> keys, Func<DeadLetterRedrive, Task<int>> remove, CancellationToken cancellationToken)
    {
        MessageKey[] distinct = [.. keys.Distinct()];
        return distinct.Length == 0
            ? Task.FromResult(0)
            : RunAsync(session => remove(new DeadLetterRedrive(session, topic, distinct)), cancellationToken);
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> action, bool migrates, CancellationToken cancellationToken)
    {
        await (migrates ? MigrateAsync(cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
        for (var tries = 1; ; tries++)
        {
            try
            {
                // With a hung server, a driver runs until its time-out.
                return await SharedRun.Observed(action()).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (tries < MaxTries && _database.KindOf(exception) is var kind
                && kind is FailureKind.Transient or FailureKind.ReadOnly)
            {
                await Task.Delay(RetryPause * (tries * Random.Shared.NextDouble()), _timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
