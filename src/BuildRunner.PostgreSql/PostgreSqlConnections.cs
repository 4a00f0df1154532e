using System.Transactions;
using Npgsql;

namespace BuildRunner.PostgreSql;

/// <summary>The connections of the queue: a pool of its own, or that of a data source of the program, which the program disposes
/// of.</summary>
internal sealed class PostgreSqlConnections : IAsyncDisposable
{
    /// <summary>The connections that there are at most, where nobody says how many. The server has a process for each: with more, those
    /// that commit get slower together, and a program that starts opens them all.</summary>
    private const int DefaultPoolSize = 20;

    private readonly NpgsqlDataSource _dataSource;
    private readonly bool _isOwned;

    public PostgreSqlConnections(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlSlimDataSourceBuilder builder = new(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();

        // What is published here is committed here, whatever becomes of a TransactionScope around it.
        builder.ConnectionStringBuilder.Enlist = false;
        if (!builder.ConnectionStringBuilder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.ConnectionStringBuilder.MaxPoolSize = Math.Max(DefaultPoolSize, builder.ConnectionStringBuilder.MinPoolSize);
        }

        MaxPoolSize = builder.ConnectionStringBuilder.MaxPoolSize;
        _dataSource = builder.Build();
        _isOwned = true;
    }

    public PostgreSqlConnections(NpgsqlDataSource dataSource)
    {
        NpgsqlConnectionStringBuilder settings = new(dataSource.ConnectionString);
        if (Refuse(settings) is { } reason)
        {
            throw new InvalidOperationException($"The data source of the queue {reason}");
        }

        MaxPoolSize = settings.MaxPoolSize;
        _dataSource = dataSource;
    }

    /// <summary>Gets how many connections there are at most.</summary>
    public int MaxPoolSize { get; }

    /// <summary>Gets why connections with such settings cannot have a queue, or <see langword="null"/> if they can.</summary>
    public static string? Refuse(NpgsqlConnectionStringBuilder settings)
    {
        if (string.IsNullOrEmpty(settings.Host))
        {
            return "names no server; give it a 'Host'.";
        }

        if (settings.Pooling && settings.MaxPoolSize < 2)
        {
            return $"has 'Maximum Pool Size={settings.MaxPoolSize}', which leaves no connection beside the one that listens; "
                + "give it 2 or more.";
        }

        return settings.Multiplexing ? "has 'Multiplexing=True', where a transaction has no connection of its own; leave it out." : null;
    }

    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // A data source of the program enlists in the transaction around the call, unless it is told not to.
        using var alone = _isOwned || Transaction.Current is null
            ? null
            : new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes those that nobody uses. They lead to where one of them did that has failed; new ones go to where the address leads
    /// now.</summary>
    public void Clear() => _dataSource.Clear();

    public ValueTask DisposeAsync() => _isOwned ? _dataSource.DisposeAsync() : ValueTask.CompletedTask;
}
