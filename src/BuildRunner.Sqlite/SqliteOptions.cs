namespace BuildRunner.Sqlite;

/// <summary>Provides options for the SQLite file of the queue.</summary>
public sealed class SqliteOptions
{
    /// <summary>Gets or sets the connection string, such as <c>Data Source=/var/lib/shop/queue.db</c>. Required. The file must be on a
    /// local disk. It is created if needed, in an existing directory, and uses write-ahead logging. A relative path is resolved against the
    /// current directory when the queue is created.</summary>
    public string ConnectionString { get; set; } = "";
}
