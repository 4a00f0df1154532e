namespace BuildRunner.MySql;

/// <summary>
/// Represents which database of MySQL or MariaDB the queue is in.
/// </summary>
public sealed class MySqlOptions
{
    /// <summary>
    /// Gets or sets the connection string, such as <c>Server=db;Database=shop;User ID=shop</c>. Required, with a database. The tables are made in it.
    /// </summary>
    public string ConnectionString { get; set; } = "";
}
