using System.Data.Common;
using System.Globalization;
using System.Text;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>A store in a table beside those of a queue.</summary>
public abstract class SqlStoreFixture : StoreFixture
{
    public sealed override EngineFixture Queue => Sql;

    /// <summary>Gets the queue.</summary>
    public abstract SqlFixture Sql { get; }

    internal sealed override Task<OpenStore> OpenAsync() => Task.FromResult(Open(static database => database));

    /// <summary>Opens the store on a database that is made of the real one.</summary>
    /// <param name="decorate">Makes it.</param>
    /// <param name="options">What is added to the connection string.</param>
    internal OpenStore Open(Func<IBuildDatabase, IBuildDatabase> decorate, string options = "")
    {
        ArgumentNullException.ThrowIfNull(decorate);
        var database = decorate(Sql.OpenDatabase(options));
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        return new(engine, new RelationalBuildStore(engine, database));
    }

    /// <summary>Gets the index by which the database finds each range of rows of a statement, in a table of many rows.</summary>
    internal async Task<IReadOnlyList<string>> ExplainAsync(SqlStatement statement)
    {
        await using var connection = await Sql.ConnectAsync();
        return [.. (await RowsAsync(connection, ExplainText(TextOf(statement)))).SelectMany(IndexesOf)];
    }

    /// <summary>Gets how much the database reads for a statement, in its own measure, which grows with the rows.</summary>
    internal abstract Task<long> CountReadAsync(SqlStatement statement);

    /// <summary>Gets the text of a statement with its values.</summary>
    private protected static string TextOf(SqlStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var text = new StringBuilder();
        var values = new Queue<object?>(statement.Values);
        foreach (var part in statement.Text.Split('?'))
        {
            text.Append(part).Append(values.TryDequeue(out var value) ? value is string quoted ? $"'{quoted}'" : Convert.ToString(value, CultureInfo.InvariantCulture) : "");
        }

        return text.ToString();
    }

    /// <summary>Runs statements, and gets their rows as text.</summary>
    private protected static async Task<List<string>> RowsAsync(DbConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        List<string> rows = [];
        await using var reader = await command.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
            {
                rows.Add(string.Join("|", Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
            }
        }
        while (await reader.NextResultAsync());

        return rows;
    }

    /// <summary>Gets the text that shows the plan of a statement.</summary>
    protected abstract string ExplainText(string statement);

    /// <summary>Gets the indexes that are used in a line of a plan, <c>none</c> for a read of the whole table, and nothing where no rows of it are read.</summary>
    protected abstract IEnumerable<string> IndexesOf(string line);
}
