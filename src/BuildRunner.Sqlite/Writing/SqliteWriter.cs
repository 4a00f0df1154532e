using System.Collections.Concurrent;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Runs all writes of this process on one thread. Waiting work shares a transaction, because the commit is what costs.</summary>
internal sealed class SqliteWriter(SqliteFile file, SqliteLog log, string clock, WakeSignals signals) : IAsyncDisposable
{
    private const int MaxItems = 256;

    // The maximum time until a publish by another process is noticed.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly BlockingCollection<WriteItem> _items = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SqliteConnection? _connection;
    private SqliteStatements? _statements;
    private long _dataVersion;
    private bool _isStarted;
    private bool _isClosed;

    public void Add(WriteItem item)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteQueueDatabase));
            if (!_isStarted)
            {
                _isStarted = true;

                // Without the first caller's execution context, which the thread would keep forever.
                new Thread(Run) { IsBackground = true, Name = "BuildRunner.Sqlite writer" }.UnsafeStart();
            }

            _items.Add(item);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _items.CompleteAdding();
            if (!_isStarted)
            {
                _ended.SetResult();
            }
        }

        await _ended.Task.ConfigureAwait(false);
        _items.Dispose();
    }

    private void Run()
    {
        List<WriteItem> batch = new(MaxItems);
        var lookedAt = Environment.TickCount64;
        while (!_items.IsCompleted)
        {
            if (_items.TryTake(out var item, LookInterval))
            {
                Take(item, batch);
                Write(batch);
            }

            if (Environment.TickCount64 - lookedAt >= LookInterval.TotalMilliseconds)
            {
                lookedAt = Environment.TickCount64;
                Look();
            }
        }

        Close();
        _ended.SetResult();
    }

    private void Take(WriteItem first, List<WriteItem> batch)
    {
        batch.Clear();
        var item = first;
        do
        {
            if (item.IsCanceled)
            {
                item.Fail(new OperationCanceledException());
            }
            else
            {
                batch.Add(item);
            }
        }
        while (batch.Count < MaxItems && _items.TryTake(out item));
    }

    private void Write(List<WriteItem> batch)
    {
        if (batch.Count == 0 || TryWrite(batch, out var hasBegun) is not { } exception)
        {
            return;
        }

        // No single item is to blame for a file that is locked or cannot be opened; each alone would wait for it again.
        if (batch.Count == 1 || !hasBegun)
        {
            batch.ForEach(item => item.Fail(exception));
            return;
        }

        // One item has failed the batch; one at a time, it fails alone.
        foreach (var item in batch)
        {
            if (TryWrite([item], out _) is { } failure)
            {
                item.Fail(failure);
            }
        }
    }

    /// <summary>Runs the items in one transaction, or returns the reason why that failed, for their callers.</summary>
    private Exception? TryWrite(List<WriteItem> batch, out bool hasBegun)
    {
        hasBegun = false;
        var isOpen = false;
        try
        {
            var statements = Open();
            statements.Execute("BEGIN IMMEDIATE");
            isOpen = hasBegun = true;
            SqliteSession session = new(statements, ownsStatements: false);
            batch.ForEach(item => item.Run(session));
            statements.Execute("COMMIT");
            isOpen = false;

            // Writes to a file that has gone must not be acknowledged.
            file.ThrowIfMoved();

            // Before the publisher continues: it may unsubscribe.
            session.Wakes.ForEach(wake => signals.Wake(wake.Topic, wake.After));
            batch.ForEach(static item => item.Complete());
            return null;
        }
        catch (Exception exception)
        {
            if (isOpen)
            {
                RollBack();
            }

            return exception;
        }
    }

    private void RollBack()
    {
        try
        {
            _statements!.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, for example because the disk is full, or the connection is unusable.
            Close();
        }
    }

    private SqliteStatements Open()
    {
        if (_statements is not null)
        {
            file.ThrowIfMoved();
        }
        else
        {
            Close();
            _connection = file.Open();
            _statements = new SqliteStatements(_connection, clock);
            _dataVersion = ReadDataVersion();
        }

        return _statements;
    }

    /// <summary>Wakes all subscribers if another connection has written; SQLite tells no more.</summary>
    private void Look()
    {
        try
        {
            if (_statements is null)
            {
                return;
            }

            if (ReadDataVersion() is var version && version != _dataVersion)
            {
                _dataVersion = version;
                signals.WakeAll();
            }

            log.Look(_statements);
        }
        catch (SqliteException)
        {
            // The next use of the file reports it.
            Close();
        }
        catch (IOException)
        {
            // The size of the log is unknown. The next look tries again.
        }
    }

    private long ReadDataVersion() => _statements!.Get("PRAGMA data_version").ReadOne(static row => row.Int64(0));

    private void Close()
    {
        _statements?.Dispose();
        _connection?.Dispose();
        _statements = null;
        _connection = null;
    }
}
