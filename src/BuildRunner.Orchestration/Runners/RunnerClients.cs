using System.Collections.Concurrent;
using BuildRunner.Orchestration.Registration;
using BuildRunner.Orchestration.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Runners;

/// <summary>The runners of this process by their names.</summary>
internal sealed class RunnerClients(
    IServiceProvider services,
    IEnumerable<RunnerRegistration> runners,
    IOptionsMonitor<BuildRunnerOptions> options,
    BuildTelemetry telemetry,
    HarmlessLogger<RunnerClient> logger,
    TimeProvider timeProvider,
    RunnerThreads threads) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, RunnerClient> _clients = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = [.. runners.Select(static runner => runner.Name)];

    /// <summary>Gets the names of the runners that are known, here or in other processes.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Gets the clients that were needed so far.</summary>
    public IEnumerable<RunnerClient> Used => _clients.Values;

    public bool Has(string name) => _names.Contains(name);

    /// <summary>Gets how a runner is called, also one that this process does not have.</summary>
    public BuildRunnerOptions OptionsOf(string name) => options.Get(name);

    /// <summary>Gets the client of a runner of this process. One that cannot be made now is tried again the next time.</summary>
    public RunnerClient Get(string name)
    {
        if (_clients.TryGetValue(name, out var client))
        {
            return client;
        }

        lock (_gate)
        {
            return _clients.GetOrAdd(name, Create);
        }
    }

    /// <summary>How many polls of a runner may be under way. A runner that cannot be made fails the start of the host, and nothing
    /// here.</summary>
    public int PollConcurrencyOf(string name)
    {
        try
        {
            return Get(name).PollConcurrency;
        }
        catch (Exception)
        {
            return options.Get(name).Concurrency;
        }
    }

    public void Dispose()
    {
        foreach (var client in Used)
        {
            client.Dispose();
        }
    }

    private RunnerClient Create(string name) =>
        new(name, services.GetRequiredKeyedService<IBuildRunner>(name), options.Get(name), telemetry, logger, timeProvider, threads);
}
