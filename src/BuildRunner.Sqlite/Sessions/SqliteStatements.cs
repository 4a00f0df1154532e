using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Sessions;

/// <summary>The compiled statements of one connection.</summary>
internal sealed class SqliteStatements(SqliteConnection connection, SqliteTransaction? transaction, string clock) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    public SqliteStatement Clock => Get("SELECT " + clock, 0);

    public SqliteStatement Partition => Get(SqliteText.Partition, 2);

    public SqliteStatement Ready => Get(SqliteText.Ready, 4);

    public SqliteStatement BySequence => Get(SqliteText.BySequence, 1);

    public SqliteStatement BySequenceWithContent => Get(SqliteText.BySequenceWithContent, 1);

    public SqliteStatement ByKey => Get(SqliteText.ByKey, 3);

    public SqliteStatement First => Get(SqliteText.First, 3);

    public SqliteStatement FirstWithContent => Get(SqliteText.FirstWithContent, 2);

    public SqliteStatement List => Get(SqliteText.List, 4);

    public SqliteStatement Insert => Get(SqliteText.Insert, 7);

    public SqliteStatement Copy => Get(SqliteText.Copy, 8);

    public SqliteStatement Update => Get(SqliteText.Update, 9);

    public SqliteStatement Delete => Get(SqliteText.Delete, 1);

    public SqliteStatement WritePartition => Get(SqliteText.WritePartition, 6);

    public SqliteStatement DeletePartition => Get(SqliteText.DeletePartition, 2);

    public SqliteStatement NextDue => Get(SqliteText.NextDue, 1);

    /// <summary>Runs a statement that has no values.</summary>
    public void Execute(string sql) => Get(sql, 0).Execute();

    public SqliteStatement Get(string sql, int parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection, transaction, sql, parameters);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }
}
