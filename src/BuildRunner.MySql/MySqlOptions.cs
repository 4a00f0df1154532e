using BuildRunner.MySql.Schema;

namespace BuildRunner.MySql;

/// <summary>Represents the options of a queue in a MySQL or MariaDB database.</summary>
public sealed class MySqlOptions
{
    /// <summary>Gets or sets the connection string, such as <c>Server=db;Database=shop;User ID=shop</c>, or <see langword="null"/> to use
    /// <see cref="DataSource"/>. It must name the database of the tables: a database here is what other servers call a schema.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Gets or sets the function that gets the data source from the services. If it and <see cref="ConnectionString"/> are <see
    /// langword="null"/>, the registered <see cref="MySqlDataSource"/> is used. The queue has its own pool with the connection string, the
    /// password and the certificates of the data source, and does not dispose the data source.</summary>
    public Func<IServiceProvider, MySqlDataSource>? DataSource { get; set; }

    /// <summary>Gets or sets a value indicating whether the host creates and updates the tables when it starts. If <see langword="false"/>,
    /// the host fails to start unless they are up to date; run the script of <see cref="GetMariaDbSchemaScript"/> or <see
    /// cref="GetMySqlSchemaScript"/> first. The default is <see langword="true"/>.</summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>Gets the script that creates and updates the tables on MariaDB, for programs that may not. It can be run again.</summary>
    /// <returns>The script, which the <c>mariadb</c> client can run.</returns>
    public static string GetMariaDbSchemaScript() => MySqlSchema.GetScript(MySqlSchema.MariaDbCollation);

    /// <summary>Gets the script that creates and updates the tables on MySQL, for programs that may not. It can be run again. It differs
    /// from the one for MariaDB in the names of collations.</summary>
    /// <returns>The script, which the <c>mysql</c> client can run.</returns>
    public static string GetMySqlSchemaScript() => MySqlSchema.GetScript(MySqlSchema.MySqlCollation);
}
