namespace BuildRunner.Sqlite;

/// <summary>
/// Represents which SQLite file the queue is in.
/// </summary>
public sealed class SqliteOptions
{
    /// <summary>
    /// Gets or sets the connection string, such as <c>Data Source=/var/lib/shop/queue.db</c>. Required. A relative path counts from the directory that is the current one when the queue is made. The file must be on a disk of this machine; it is made where there is none, in a directory that must exist. Its journal is switched to write-ahead logging.
    /// </summary>
    public string ConnectionString { get; set; } = "";
}
