using System.Data.Common;
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
        SqliteReader? reader;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteQueueDatabase));
            _idle.TryPop(out reader);
        }

        reader ??= new SqliteReader(file, clock);
        var isKept = false;
        try
        {
            file.ThrowIfMoved();
            var now = reader.Read(statement, read);
            lock (_gate)
            {
                isKept = !_isDisposed && _idle.Count < MaxIdle;
                if (isKept)
                {
                    _idle.Push(reader);
                }
            }

            return now;
        }
        finally
        {
            // A failed connection may be unusable.
            if (!isKept)
            {
                reader.Dispose();
            }
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
}

/// <summary>Represents a reading connection and its compiled statements. Each statement sees what was committed before it.</summary>
internal sealed class SqliteReader : IDisposable
{
    // Reads need a row or a page of rows, from a table that is mostly history.
    private const int CacheKibibytes = 2048;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _clock;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    public SqliteReader(SqliteFile file, string clock)
    {
        _connection = file.Open(CacheKibibytes);
        _clock = Command($"SELECT {clock}");
    }

    public QueueClock Read(SqlStatement statement, Action<DbDataReader> read)
    {
        if (!_commands.TryGetValue(statement.Text, out var command))
        {
            command = Command(statement.Numbered('?'));
            for (var i = 1; i <= statement.Values.Count; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = FormattableString.Invariant($"?{i}") });
            }

            _commands.Add(statement.Text, command);
        }

        for (var i = 0; i < statement.Values.Count; i++)
        {
            command.Parameters[i].Value = statement.Values[i] ?? DBNull.Value;
        }

        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                read(reader);
            }
        }

        return new QueueClock((long)_clock.ExecuteScalar()!);
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _clock.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Command(string text)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Values are parameters.
        command.CommandText = text;
#pragma warning restore CA2100
        return command;
    }
}
