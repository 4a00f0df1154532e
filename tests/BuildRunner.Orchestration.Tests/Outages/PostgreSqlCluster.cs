using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>A primary and a standby that follows it, behind one address, or behind PgBouncer in front of that address.</summary>
internal sealed class PostgreSqlCluster : IAsyncDisposable
{
    private const int ConnectionsOfPooler = 12;

    private readonly List<PostgreSqlServer> _servers = [];
    private readonly bool _isSynchronous;
    private readonly string _atPrimary;
    private readonly TcpForwarder _address;
    private readonly TcpForwarder _replication;
    private readonly CancellationTokenSource _stop = new();
    private PgBouncer? _pooler;
    private Task _watching = Task.CompletedTask;
    private PostgreSqlServer _primary;
    private PostgreSqlServer _standby;

    private PostgreSqlCluster(PostgreSqlServer primary, PostgreSqlServer standby, string connectionString, bool isSynchronous)
    {
        (_primary, _standby, _atPrimary, _isSynchronous) = (primary, standby, connectionString, isSynchronous);
        _servers.AddRange([primary, standby]);
        _address = new(primary.Port);
        _replication = new(primary.Port);
    }

    /// <summary>Gets how often the pooler has ended by itself, and was started again.</summary>
    public int RestartsOfPooler { get; private set; }

    /// <summary>Gets what connects to the primary, whichever that is.</summary>
    public string ConnectionString => _pooler is null ? At(_address.Port) : _pooler.Through(_atPrimary) + ";No Reset On Close=true";

    /// <summary>Gets a value indicating whether a connection leads to the same session as long as it is open.</summary>
    public bool KeepsSessions => _pooler is null;

    public static async Task<PostgreSqlCluster> StartAsync(bool isSynchronous, bool isPooled)
    {
        var primary = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        PostgreSqlCluster cluster;
        try
        {
            var connectionString = await primary.CreateDatabaseAsync();
            cluster = new(primary, await primary.StartStandbyAsync(), connectionString, isSynchronous);
        }
        catch
        {
            await primary.DisposeAsync();
            throw;
        }

        try
        {
            await cluster.ReplicateAsync();
            if (isPooled)
            {
                await cluster.PoolAsync();
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a connection to the primary that goes through nothing.</summary>
    public NpgsqlDataSource OpenPrimary() => NpgsqlDataSource.Create(At(_primary.Port) + ";Pooling=false");

    /// <summary>Terminates the backends of the primary, one after the other.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> TerminateBackendsAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var source = OpenPrimary();
        List<int> backends = [];
        await using (var command = source.CreateCommand("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                backends.Add(reader.GetInt32(0));
            }
        }

        foreach (var backend in backends)
        {
            await using var terminate = source.CreateCommand($"SELECT pg_terminate_backend({backend})");
            await terminate.ExecuteNonQueryAsync(cancellationToken);
            await Task.Delay(pause, cancellationToken);
        }

        return backends.Count;
    }

    /// <summary>Keeps all connections of the pooler to the server in transactions for a time, where there is one.</summary>
    public async Task ExhaustPoolerAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (_pooler is null)
        {
            return;
        }

        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false;Command Timeout=300");
        await Task.WhenAll(Enumerable.Range(0, 4 * ConnectionsOfPooler).Select(async _ =>
        {
            try
            {
                await using var command = source.CreateCommand($"SELECT pg_sleep({duration.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)})");
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (NpgsqlException)
            {
                // It has waited too long, as others do.
            }
        }));
    }

    /// <summary>Lets nothing through to the primary for a time. Nobody is told.</summary>
    public Task CutAsync(TimeSpan duration, CancellationToken cancellationToken) => CutAsync(() => Task.Delay(duration, cancellationToken));

    /// <summary>Waits until the standby has what the primary has now.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await using var source = OpenPrimary();
        await using var command = source.CreateCommand("SELECT pg_current_wal_flush_lsn()::text");
        var position = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        await using var isThere = source.CreateCommand($"SELECT COALESCE(bool_or(flush_lsn >= '{position}'), FALSE) FROM pg_stat_replication");
        while (!(bool)(await isThere.ExecuteScalarAsync(cancellationToken))!)
        {
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Lets the standby hear nothing of the primary any more.</summary>
    public void CutReplication() => _replication.Hold();

    /// <summary>Kills the primary, and makes one of the standby.</summary>
    public async Task FailOverAsync()
    {
        await _primary.KillAsync();
        _replication.Reset();
        await PromoteAsync();
    }

    /// <summary>Cuts the network to the primary, which lives on, fences it, makes a primary of the standby, and heals the network. The old primary has its old connections, and refuses to write.</summary>
    public async Task SwitchOverAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var (old, restarts) = (_primary, RestartsOfPooler);
        await CutAsync(
            async () =>
            {
                await ExecuteAsync(old.Port, "ALTER SYSTEM SET default_transaction_read_only = on");
                await ExecuteAsync(old.Port, "SELECT pg_reload_conf()");
                await PromoteAsync();
                await Task.Delay(duration, cancellationToken);
            });
        if (_pooler is not null)
        {
            // It keeps connections to the old primary, which still answers. One that has just ended has none.
            try
            {
                await _pooler.ReconnectAsync();
            }
            catch (InvalidOperationException) when (_pooler.HasEnded || RestartsOfPooler > restarts)
            {
            }
        }
    }

    /// <summary>Starts a standby of the primary.</summary>
    public async Task AddStandbyAsync()
    {
        _standby = await _primary.StartStandbyAsync();
        _servers.Add(_standby);
        await ReplicateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        if (_pooler is not null)
        {
            await _pooler.DisposeAsync();
        }

        await _address.DisposeAsync();
        await _replication.DisposeAsync();
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }
    }

    private async Task PoolAsync()
    {
        _pooler = await TestServers.GetAsync(PgBouncer.StartAsync(
            At(_address.Port),
            $"default_pool_size = {ConnectionsOfPooler}",
            "max_client_conn = 200",
            "query_wait_timeout = 2",
            "server_login_retry = 1",
            "server_connect_timeout = 2"));
        _watching = WatchAsync(_pooler);
    }

    private string At(int port) => new NpgsqlConnectionStringBuilder(_atPrimary) { Port = port }.ConnectionString;

    // As a service manager does. Version 1.18 ends when requests are cancelled while the server is away.
    private async Task WatchAsync(PgBouncer pooler)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (pooler.HasEnded)
            {
                RestartsOfPooler++;
                await pooler.StartAgainAsync();
            }

            await Task.Delay(100, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CutAsync(Func<Task> meanwhile)
    {
        _address.Hold();
        try
        {
            await meanwhile();
        }
        finally
        {
            _address.Release();
        }
    }

    private async Task PromoteAsync()
    {
        await _standby.PromoteAsync();
        _primary = _standby;
        _address.MoveTo(_primary.Port);
    }

    // The standby hears the primary through an address that can be cut.
    private async Task ReplicateAsync()
    {
        _replication.MoveTo(_primary.Port);
        NpgsqlConnectionStringBuilder to = new(_atPrimary);
        await ExecuteAsync(_standby.Port, $"ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={_replication.Port} user={to.Username} password={to.Password}'");
        await ExecuteAsync(_standby.Port, "SELECT pg_reload_conf()");
        if (_isSynchronous)
        {
            await ExecuteAsync(_primary.Port, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
            await ExecuteAsync(_primary.Port, "ALTER SYSTEM SET synchronous_standby_names = '*'");
            await ExecuteAsync(_primary.Port, "SELECT pg_reload_conf()");
        }

        await UntilAsync(_isSynchronous ? "sync" : "async");
    }

    private async Task UntilAsync(string state)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        await using var source = OpenPrimary();
        await using var command = source.CreateCommand($"SELECT COUNT(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'");
        while ((long)(await command.ExecuteScalarAsync(patience.Token))! != 1)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private async Task ExecuteAsync(int port, string text)
    {
        await using var source = NpgsqlDataSource.Create(At(port) + ";Database=postgres;Pooling=false");
        await using var command = source.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }
}
