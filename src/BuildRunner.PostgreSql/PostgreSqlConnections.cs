using System.Transactions;

namespace BuildRunner.PostgreSql;

/// <summary>Opens the connections of the queue, from its own pool or from a data source that the program owns.</summary>
internal sealed class PostgreSqlConnections : IAsyncDisposable
{
    /// <summary>The default maximum number of connections. The server has a process for each: with more, commits slow each other down, and
    /// a program opens all of them as it starts.</summary>
    private const int DefaultPoolSize = 20;

    private readonly NpgsqlDataSource _dataSource;
    private readonly bool _isOwned;

    public PostgreSqlConnections(string connectionString)
    {
        NpgsqlSlimDataSourceBuilder builder = new(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();

        // The queue commits for itself, regardless of a TransactionScope around the call.
        builder.ConnectionStringBuilder.Enlist = false;
        if (!builder.ConnectionStringBuilder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.ConnectionStringBuilder.MaxPoolSize = Math.Max(DefaultPoolSize, builder.ConnectionStringBuilder.MinPoolSize);
        }

        MaxPoolSize = builder.ConnectionStringBuilder.MaxPoolSize;
        _dataSource = builder.Build();
        _isOwned = true;
    }

    public PostgreSqlConnections(NpgsqlDataSource dataSource, bool listens)
    {
        NpgsqlConnectionStringBuilder settings = new(dataSource.ConnectionString);
        if (Refuse(settings, listens) is { } reason)
        {
            throw new InvalidOperationException($"The data source of the queue {reason}");
        }

        MaxPoolSize = settings.MaxPoolSize;
        _dataSource = dataSource;
    }

    /// <summary>Gets the maximum number of connections.</summary>
    public int MaxPoolSize { get; }

    /// <summary>Gets the reason why the queue cannot use these settings, or <see langword="null"/> if it can.</summary>
    public static string? Refuse(NpgsqlConnectionStringBuilder settings, bool listens) => settings switch
    {
        { Host: null or "" } => "names no server; set 'Host'.",
        { Pooling: true, MaxPoolSize: < 2 } when listens =>
            $"has 'Maximum Pool Size={settings.MaxPoolSize}', but one connection listens; set it to 2 or more.",
        { Multiplexing: true } => "has 'Multiplexing=True', but transactions need their own connections; remove it.",
        _ => null,
    };

    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // The program's data source would enlist in an ambient transaction.
        using var alone = _isOwned || Transaction.Current is null
            ? null
            : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes idle connections after one has failed. New ones resolve the address again.</summary>
    public void Clear() => _dataSource.Clear();

    public ValueTask DisposeAsync() => _isOwned ? _dataSource.DisposeAsync() : ValueTask.CompletedTask;
}
