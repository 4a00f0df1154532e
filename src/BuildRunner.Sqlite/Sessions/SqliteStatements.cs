using SQLitePCL;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>Provides the compiled statements of a connection.</summary>
internal sealed class SqliteStatements(SqliteConnection connection, string clock) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly string _clock = "SELECT " + clock;

    public SqliteStatement Clock => Get(_clock);

    public void Execute(string sql) => Get(sql).Execute();

    /// <summary>Gets the number of rows that the last statement wrote.</summary>
    public int Changes => raw.sqlite3_changes(connection.Handle);

    public SqliteStatement Get(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection, sql);
            _statements.Add(sql, statement);
        }

        return statement.Reset();
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }
}
