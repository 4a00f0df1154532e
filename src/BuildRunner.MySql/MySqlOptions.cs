using BuildRunner.MySql.Schema;
using MySqlConnector;

namespace BuildRunner.MySql;

/// <summary>
/// Represents which database of MySQL or MariaDB the queue is in.
/// </summary>
public sealed class MySqlOptions
{
    /// <summary>
    /// Gets or sets the connection string, such as <c>Server=db;Database=shop;User ID=shop</c>, or <see langword="null"/> for the login of
    /// <see cref="DataSource"/>. It needs a database, which has the tables: what other servers call a schema is a database here.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Gets or sets what gets the data source from the services, or <see langword="null"/> for the <see cref="MySqlDataSource"/> that is
    /// registered there, if <see cref="ConnectionString"/> is <see langword="null"/> too. The queue has a pool of its own with the
    /// connection string, the password and the certificates of the data source, which is not disposed of with the queue.
    /// </summary>
    public Func<IServiceProvider, MySqlDataSource>? DataSource { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the start of the host creates the tables and brings them up to date. If
    /// <see langword="false"/>, it checks that they are, and fails if not; <see cref="GetSchemaScript"/> gets the script to run before. The
    /// default is <see langword="true"/>.
    /// </summary>
    public bool CreateSchema { get; set; } = true;

    /// <summary>
    /// Gets the script that creates the tables and brings them up to date, for those whose programs may not. It can be run again.
    /// </summary>
    /// <param name="isMariaDb"><see langword="true"/> for a server of MariaDB; <see langword="false"/> for one of MySQL. The two name
    /// collations differently.</param>
    /// <returns>The script, for the <c>mariadb</c> or <c>mysql</c> client for example.</returns>
    public static string GetSchemaScript(bool isMariaDb) => MySqlSchema.GetScript(isMariaDb);
}
