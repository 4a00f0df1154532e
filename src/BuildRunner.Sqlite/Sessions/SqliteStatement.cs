using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>A statement that is compiled once and run with other values each time.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    /// <summary>Compiles a statement whose parameters are named <c>$0</c>, <c>$1</c> and so on.</summary>
    public SqliteStatement(SqliteConnection connection, SqliteTransaction? transaction, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.Transaction = transaction;
#pragma warning disable CA2100 // The texts are constants but for the clock, which is the program's own.
        _command.CommandText = sql;
#pragma warning restore CA2100
        _parameters = new SqliteParameter[parameters];
        for (var i = 0; i < parameters; i++)
        {
            _parameters[i] = new SqliteParameter { ParameterName = FormattableString.Invariant($"${i}") };
            _command.Parameters.Add(_parameters[i]);
        }
    }

    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    public void Execute(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
