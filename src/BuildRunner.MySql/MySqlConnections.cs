using MySqlConnector;

namespace BuildRunner.MySql;

/// <summary>The connections of the queue, in a pool of its own. Those of a data source of the program have its login, and the settings that
/// the queue needs.</summary>
internal sealed class MySqlConnections
{
    // Not a data source, whose pool cannot be cleared.
    private readonly MySqlDataSource? _dataSource;
    private readonly string _connectionString;

    public MySqlConnections(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);

        // Nothing is left in a session that the next one would have to be protected from. What is published here is committed here,
        // whatever becomes of a TransactionScope around it.
        // A row that an insert finds and leaves as it is counts for none with UseAffectedRows.
        MySqlConnectionStringBuilder builder = new(connectionString) { ConnectionReset = false, AutoEnlist = false, UseAffectedRows = true };
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

    /// <summary>Gets why connections with such settings cannot have a queue, or <see langword="null"/> if they can.</summary>
    public static string? Refuse(MySqlConnectionStringBuilder settings) =>
        string.IsNullOrEmpty(settings.Database) ? "names no database; give it a 'Database'." : null;

    public Task<MySqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_connectionString, cancellationToken);

    /// <summary>Opens one that is not of the pool, which may have one connection at most.</summary>
    public Task<MySqlConnection> OpenSingleAsync(CancellationToken cancellationToken) =>
        OpenAsync(new MySqlConnectionStringBuilder(_connectionString) { Pooling = false }.ConnectionString, cancellationToken);

    /// <summary>Closes the connections that nobody uses.</summary>
    public async Task ClearAsync()
    {
        MySqlConnection connection = new(_connectionString);
        await using (connection.ConfigureAwait(false))
        {
            await MySqlConnection.ClearPoolAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task<MySqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = Create(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private MySqlConnection Create(string connectionString)
    {
        if (_dataSource is null)
        {
            return new MySqlConnection(connectionString);
        }

        // It has the password that the data source has by now, and its certificates.
        using var login = _dataSource.CreateConnection();
        return login.CloneWith(connectionString);
    }
}
