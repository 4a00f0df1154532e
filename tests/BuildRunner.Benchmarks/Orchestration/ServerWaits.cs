using System.Diagnostics;
using System.Globalization;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Looks again and again at what the connections of a database do, and adds up the CPU time of the server and of its
/// clients.</summary>
internal sealed class ServerWaits(PostgreSqlServer server, string connectionString) : IAsyncDisposable
{
    private const string Look = """
        SELECT CASE WHEN state = 'active' THEN coalesce(wait_event_type || ':' || wait_event, 'CPU') ELSE state END, count(*)
        FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND state IS NOT NULL GROUP BY 1
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, double> _seen = [];
    private CancellationTokenSource? _stop;
    private Task _looking = Task.CompletedTask;
    private IReadOnlyList<LoadProcess> _clients = [];
    private TimeSpan _serverCpu;
    private TimeSpan _clientCpu;
    private long _since;
    private int _looks;

    public async Task BeginAsync(IReadOnlyList<LoadProcess> clients)
    {
        _clients = clients;
        _seen.Clear();
        _looks = 0;
        _stop = new();
        NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        (_serverCpu, _clientCpu, _since) = (server.CpuTime, ClientCpu(), Stopwatch.GetTimestamp());
        _looking = LookAsync(connection, _stop.Token);
    }

    /// <summary>Ends what was begun.</summary>
    /// <param name="count">How many of what is measured there were.</param>
    public async Task<LoadFigures> EndAsync(long count)
    {
        var (elapsed, serverCpu, clientCpu) = (Stopwatch.GetElapsedTime(_since), server.CpuTime - _serverCpu, ClientCpu() - _clientCpu);
        await DisposeAsync();
        var connections = _seen.OrderByDescending(static seen => seen.Value).Select(seen => (seen.Key, seen.Value / _looks));
        return new(count, elapsed, serverCpu, clientCpu, [.. connections]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop is not null)
        {
            await _stop.CancelAsync();
            await _looking;
            _stop.Dispose();
            _stop = null;
        }
    }

    private TimeSpan ClientCpu() => _clients.Aggregate(TimeSpan.Zero, static (sum, client) => sum + client.CpuTime);

    private async Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var owned = connection;
        await using NpgsqlCommand command = new(Look, connection);
        using PeriodicTimer timer = new(Pause);
        while (!cancellationToken.IsCancellationRequested)
        {
            await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    _seen[reader.GetString(0)] = _seen.GetValueOrDefault(reader.GetString(0)) + reader.GetInt64(1);
                }
            }

            _looks++;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}

/// <summary>What was measured in one part of a load.</summary>
/// <param name="Count">How many of what is measured there were.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="ServerCpu">The CPU time of the server.</param>
/// <param name="ClientCpu">The CPU time of the processes.</param>
/// <param name="Connections">What the connections did, with how many did so at a time, the most first.</param>
internal sealed record LoadFigures(
    long Count, TimeSpan Elapsed, TimeSpan ServerCpu, TimeSpan ClientCpu, IReadOnlyList<(string What, double Count)> Connections)
{
    private const double Few = 0.1;

    public double Rate => Count / Elapsed.TotalSeconds;

    public override string ToString()
    {
        var connections = Connections.Where(static item => item.Count >= Few)
            .Select(static item => string.Create(CultureInfo.InvariantCulture, $"{item.What.Replace(' ', '_')}={item.Count:F1}"));
        return Describe("server", ServerCpu) + Describe("client", ClientCpu) + string.Join(' ', connections);
    }

    private string Describe(string whose, TimeSpan cpu) => string.Create(
        CultureInfo.InvariantCulture, $"{whose}_cpu_percent={100 * cpu / Elapsed:F0} {whose}_cpu_us={cpu.TotalMicroseconds / Count:F0} ");
}
