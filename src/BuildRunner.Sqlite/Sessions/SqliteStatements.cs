using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>Provides the compiled statements of a connection.</summary>
internal sealed class SqliteStatements(SqliteConnection connection, string clock) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly string _clock = "SELECT " + clock;

    public SqliteStatement Clock => Get(_clock);

    public SqliteStatement Partition => Get(SqliteText.Partition);

    public SqliteStatement Ready => Get(SqliteText.Ready);

    public SqliteStatement BySequence => Get(SqliteText.BySequence);

    public SqliteStatement BySequenceWithContent => Get(SqliteText.BySequenceWithContent);

    public SqliteStatement ByKey => Get(SqliteText.ByKey);

    public SqliteStatement First => Get(SqliteText.First);

    public SqliteStatement FirstWithContent => Get(SqliteText.FirstWithContent);

    public SqliteStatement List => Get(SqliteText.List);

    public SqliteStatement Insert => Get(SqliteText.Insert);

    public SqliteStatement Copy => Get(SqliteText.Copy);

    public SqliteStatement Update => Get(SqliteText.Update);

    public SqliteStatement Delete => Get(SqliteText.Delete);

    public SqliteStatement Move => Get(SqliteText.Move);

    public SqliteStatement UpdatePartition => Get(SqliteText.UpdatePartition);

    public SqliteStatement InsertPartition => Get(SqliteText.InsertPartition);

    public SqliteStatement DeletePartition => Get(SqliteText.DeletePartition);

    public SqliteStatement NextDue => Get(SqliteText.NextDue);

    /// <summary>Runs a statement without values.</summary>
    public void Execute(string sql) => Get(sql).Execute();

    /// <summary>Gets the number of rows that the last statement wrote.</summary>
    public int Changes => raw.sqlite3_changes(connection.Handle);

    /// <summary>Gets a statement that is ready to run.</summary>
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
