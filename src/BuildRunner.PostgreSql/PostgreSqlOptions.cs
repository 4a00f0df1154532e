namespace BuildRunner.PostgreSql;

/// <summary>Represents the options of a queue in a PostgreSQL database.</summary>
public sealed class PostgreSqlOptions
{
    /// <summary>Gets or sets the connection string, such as <c>Host=db;Database=shop;Username=shop</c>, or <see langword="null"/> to use
    /// <see cref="DataSource"/>. Without <c>Maximum Pool Size</c>, there are at most 20 connections. Without <c>Max Auto Prepare</c>,
    /// statements are not prepared.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Gets or sets the function that gets the data source from the services. If it and <see cref="ConnectionString"/> are <see
    /// langword="null"/>, the registered <see cref="NpgsqlDataSource"/> is used. The queue does not dispose the data source and keeps its
    /// settings, including <c>Maximum Pool Size</c>.</summary>
    public Func<IServiceProvider, NpgsqlDataSource>? DataSource { get; set; }

    /// <summary>Gets or sets the schema of the tables: 1 to 63 bytes of letters, digits, underscores and hyphens. The default is <see
    /// langword="null"/>, the first schema of the user's search path.</summary>
    public string? Schema { get; set; }

    /// <summary>Gets or sets a value indicating whether the host creates and updates <see cref="Schema"/> and its tables when it starts. If
    /// <see langword="false"/>, the host fails to start unless they are up to date; run the script of <see cref="GetSchemaScript"/> first.
    /// The default is <see langword="true"/>.</summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether one connection listens for what other processes publish, and this process notifies
    /// others. If <see langword="false"/>, consumers find it when they poll, within their <c>PollInterval</c>. Set it to <see
    /// langword="false"/> behind a pooler that changes the server's connection after each transaction, such as PgBouncer with
    /// <c>pool_mode=transaction</c>. The default is <see langword="true"/>.</summary>
    public bool Listen { get; set; } = true;

    /// <summary>Gets the script that creates and updates the tables, for programs that may not. It can be run again.</summary>
    /// <param name="schema">The schema, as in <see cref="Schema"/>, which is created if it does not exist, or <see langword="null"/> for
    /// the first schema of the search path.</param>
    /// <returns>The script, which <c>psql</c> can run.</returns>
    /// <exception cref="ArgumentException"><paramref name="schema"/> is not a valid name.</exception>
    public static string GetSchemaScript(string? schema = null) => schema is not null && PostgreSqlTables.Refuse(schema) is { } reason
        ? throw new ArgumentException($"The schema {reason}", nameof(schema))
        : new PostgreSqlSchema(new PostgreSqlTables(schema)).GetScript();
}
