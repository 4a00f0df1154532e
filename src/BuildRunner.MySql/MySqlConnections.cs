namespace BuildRunner.MySql;

/// <summary>Opens the connections of the queue, in its own pool and with the settings it needs. A data source provides the login
/// only.</summary>
internal sealed class MySqlConnections
{
    // Opens no connections, because its pool cannot be cleared.
    private readonly MySqlDataSource? _dataSource;
    private readonly string _connectionString;

    public MySqlConnections(string connectionString)
    {
        // Sessions leave nothing behind. The queue commits for itself, regardless of a TransactionScope around the call. With
        // UseAffectedRows, a row that an insert finds and leaves unchanged does not count.
        MySqlConnectionStringBuilder builder = new(connectionString)
        {
            ConnectionReset = false,
            AutoEnlist = false,
            UseAffectedRows = true,
        };
        _connectionString = builder.ConnectionString;
        NoBackslashEscapes = builder.NoBackslashEscapes;
    }

    public MySqlConnections(MySqlDataSource dataSource)
        : this(dataSource.ConnectionString)
    {
        _dataSource = dataSource;
        if (Refuse(new MySqlConnectionStringBuilder(_connectionString)) is { } reason)
        {
            throw new InvalidOperationException($"The data source of the queue {reason}");
        }
    }

    public bool NoBackslashEscapes { get; }

    /// <summary>Gets the reason why the queue cannot use these settings, or <see langword="null"/> if it can.</summary>
    public static string? Refuse(MySqlConnectionStringBuilder settings) =>
        string.IsNullOrEmpty(settings.Database) ? "names no database; set 'Database'." : null;

    public Task<MySqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_connectionString, cancellationToken);

    /// <summary>Opens a connection outside the pool, which may be limited to one.</summary>
    public Task<MySqlConnection> OpenSingleAsync(CancellationToken cancellationToken) =>
        OpenAsync(new MySqlConnectionStringBuilder(_connectionString) { Pooling = false }.ConnectionString, cancellationToken);

    public async Task ClearAsync()
    {
        using MySqlConnection connection = new(_connectionString);
        await MySqlConnection.ClearPoolAsync(connection).ConfigureAwait(false);
    }

    private async Task<MySqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = Create(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }

    private MySqlConnection Create(string connectionString)
    {
        if (_dataSource is null)
        {
            return new MySqlConnection(connectionString);
        }

        // It has the current password and the certificates of the data source.
        using var login = _dataSource.CreateConnection();
        return login.CloneWith(connectionString);
    }
}
