namespace BuildRunner.PostgreSql;

/// <summary>
/// Represents which PostgreSQL database the queue is in.
/// </summary>
public sealed class PostgreSqlOptions
{
    /// <summary>
    /// Gets or sets the connection string, such as <c>Host=db;Database=shop;Username=shop</c>. Required. The tables are made in the first schema of the user's search path; statements are prepared only if the string has a <c>Max Auto Prepare</c>, and there are 20 connections at most unless it has a <c>Maximum Pool Size</c>.
    /// </summary>
    public string ConnectionString { get; set; } = "";
}
