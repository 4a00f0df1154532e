using BuildRunner.PostgreSql.Schema;
using Npgsql;

namespace BuildRunner.PostgreSql;

/// <summary>
/// Represents which PostgreSQL database the queue is in.
/// </summary>
public sealed class PostgreSqlOptions
{
    /// <summary>
    /// Gets or sets the connection string, such as <c>Host=db;Database=shop;Username=shop</c>, or <see langword="null"/> for the
    /// connections of <see cref="DataSource"/>. There are 20 connections at most unless it has a <c>Maximum Pool Size</c>, and statements
    /// are prepared only if it has a <c>Max Auto Prepare</c>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Gets or sets what gets the data source from the services, or <see langword="null"/> for the <see cref="NpgsqlDataSource"/> that is
    /// registered there, if <see cref="ConnectionString"/> is <see langword="null"/> too. It is not disposed of with the queue, and its own
    /// settings hold, its <c>Maximum Pool Size</c> among them.
    /// </summary>
    public Func<IServiceProvider, NpgsqlDataSource>? DataSource { get; set; }

    /// <summary>
    /// Gets or sets the name of the schema that has the tables: 1 to 63 bytes of letters, digits, underscores and hyphens. The default is
    /// <see langword="null"/>, which is the first schema of the user's search path.
    /// </summary>
    public string? Schema { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the start of the host creates the tables, and <see cref="Schema"/> with them, and brings
    /// them up to date. If <see langword="false"/>, it checks that they are, and fails if not; <see cref="GetSchemaScript"/> gets the
    /// script to run before. The default is <see langword="true"/>.
    /// </summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>
    /// Gets the script that creates the tables and brings them up to date, for those whose programs may not. It can be run again.
    /// </summary>
    /// <param name="schema">The name of the schema, as in <see cref="Schema"/>; it is created if it is not there. <see langword="null"/>
    /// for the first schema of the search path.</param>
    /// <returns>The script, for <c>psql</c> for example.</returns>
    /// <exception cref="ArgumentException"><paramref name="schema"/> cannot be the name of a schema.</exception>
    public static string GetSchemaScript(string? schema = null) => schema is not null && PostgreSqlTables.Refuse(schema) is { } reason
        ? throw new ArgumentException($"The name of the schema {reason}", nameof(schema))
        : new PostgreSqlSchema(new PostgreSqlTables(schema)).GetScript();
}
