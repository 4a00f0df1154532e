using System.Data.Common;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using BuildRunner.Sqlite.Writing;

namespace BuildRunner.Sqlite.Reading;

/// <summary>Reads beside the writer, which it neither waits for nor holds up. The caller's thread does it, so there are never more connections than threads that read.</summary>
internal sealed class SqliteReaders(SqliteFile file, string clock) : IDisposable
{
    // More than a few read at once only where there are more cores; those beyond are closed again.
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
            // What has failed may be of no use any more.
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

    /// <summary>Keeps a reader for the next one, or leaves it to the caller.</summary>
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
