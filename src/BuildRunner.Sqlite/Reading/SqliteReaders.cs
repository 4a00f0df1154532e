using System.Data.Common;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using BuildRunner.Sqlite.Writing;

namespace BuildRunner.Sqlite.Reading;

/// <summary>Reads beside the writer; neither waits for the other. Reads run on the caller's thread, so there are at most as many
/// connections as reading threads.</summary>
internal sealed class SqliteReaders(SqliteFile file, string clock) : IDisposable
{
    // More than a few read at once only on many cores; extra connections are closed.
    private const int MaxIdle = 4;

    private readonly Lock _gate = new();
    private readonly Stack<SqliteReader> _idle = new();
    private bool _isDisposed;

    public QueueClock Read(SqlStatement statement, Action<DbDataReader> read)
    {
        var reader = Take();
        try
        {
            file.ThrowIfMoved();
            var clock = reader.Read(statement, read);
            reader = GiveBack(reader);
            return clock;
        }
        finally
        {
            // A failed connection may be unusable.
            reader?.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            while (_idle.TryPop(out var reader))
            {
                reader.Dispose();
            }
        }
    }

    private SqliteReader Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteQueueDatabase));
            if (_idle.TryPop(out var reader))
            {
                return reader;
            }
        }

        return new SqliteReader(file, clock);
    }

    /// <summary>Keeps a reader for reuse, or returns it to the caller.</summary>
    private SqliteReader? GiveBack(SqliteReader reader)
    {
        lock (_gate)
        {
            if (_isDisposed || _idle.Count == MaxIdle)
            {
                return reader;
            }

            _idle.Push(reader);
            return null;
        }
    }
}
