namespace BuildRunner.Relational;

/// <summary>Keeps a queue and builds on a server that locks rows. Safe for use by several threads.</summary>
internal abstract class SqlDatabase<TConnection>(TimeProvider timeProvider) : IBuildDatabase
    where TConnection : DbConnection
{
    private readonly ReadyBounds _bounds = new(timeProvider);
    private volatile bool _isDisposed;

    /// <summary>Gets a value indicating whether the tables are created and updated, or only checked.</summary>
    public bool CreatesSchema { get; init; } = true;

    public abstract string Name { get; }

    public WakeSignals Signals { get; } = new();

    public abstract BuildDialect BuildDialect { get; }

    public abstract Task MigrateAsync(CancellationToken cancellationToken);

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var (result, wakes) = await ConnectedAsync(
            async connection =>
            {
                SqlSession session = new(Batches(connection, joined: null), _bounds, Used, isJoined: false);
                try
                {
                    var result = await work(session).ConfigureAwait(false);
                    await session.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return (result, session.Wakes);
                }
                catch when (session.IsOpen)
                {
                    await RollbackAsync(connection).ConfigureAwait(false);
                    throw;
                }
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var wake in wakes)
        {
            Signals.Wake(wake.Topic, wake.After);
        }

        Notify(wakes);
        return result;
    }

    public Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) =>
        ConnectedAsync(
            async connection =>
            {
                QueueClock now = default;
                var batch = Batches(connection, joined: null)();
                batch.AddRead(statement, read);
                batch.AddClock(clock => now = clock);
                await batch.RunAsync(cancellationToken).ConfigureAwait(false);
                return now;
            },
            cancellationToken);

    public async Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        (await PendingAsync(ConnectionOf(transaction), transaction, cancellationToken).ConfigureAwait(false)).Count == 0;

    public QueueSession Join(DbTransaction transaction) =>
        new SqlSession(Batches(ConnectionOf(transaction), transaction), _bounds, used: null, isJoined: true);

    public abstract FailureKind KindOf(Exception exception);

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<TConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Gets the topics to look in first, or <see langword="null"/> if its batches do not support <see
    /// cref="SqlBatch.AddNew"/>.</summary>
    protected virtual UsedTopics? Used => null;

    /// <summary>Gets a function that creates batches of one transaction: a caller's or one of its own.</summary>
    protected abstract Func<SqlBatch> Batches(TConnection connection, DbTransaction? joined);

    protected abstract Task<IReadOnlyList<SchemaScript>> PendingAsync(
        TConnection connection, DbTransaction? transaction, CancellationToken cancellationToken);

    /// <summary>Rolls back the transaction of a connection before it returns to the pool. It does not throw.</summary>
    protected virtual Task RollbackAsync(TConnection connection) => Task.CompletedTask;

    /// <summary>Determines whether pooled connections lead to a server that is gone or read-only.</summary>
    protected abstract bool EndsPool(Exception exception);

    protected abstract Task ClearPoolAsync(TConnection connection, Exception exception);

    /// <summary>Notifies other processes after a commit.</summary>
    protected virtual void Notify(IReadOnlyList<QueueWake> wakes)
    {
    }

    protected abstract ValueTask CloseAsync();

    protected async Task<T> ConnectedAsync<T>(Func<TConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                return await work(connection).ConfigureAwait(false);
            }
            catch (Exception exception) when (EndsPool(exception))
            {
                // The other connections lead to the same server and would use up all tries. New ones resolve the address again.
                await ClearPoolAsync(connection, exception).ConfigureAwait(false);
                throw;
            }
        }
    }

    private static TConnection ConnectionOf(DbTransaction transaction) => transaction.Connection as TConnection
        ?? throw new ArgumentException(
            $"The transaction is not open on a {typeof(TConnection).Name}; pass one on a connection to the queue's database.",
            nameof(transaction));
}
