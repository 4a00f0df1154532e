using System.Collections.Concurrent;

namespace BuildRunner.Orchestration;

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

    public IReadOnlyCollection<string> Names => _names;

    public IEnumerable<RunnerClient> Used => _clients.Values;

    public bool Has(string name) => _names.Contains(name);

    /// <exception cref="ArgumentException">This process knows runners, but not this one.</exception>
    public void ThrowIfUnknown(string name, string paramName)
    {
        if (_names.Count > 0 && !Has(name))
        {
            throw new ArgumentException(
                $"There is no runner '{name}'; there are {string.Join(", ", _names.Select(static known => $"'{known}'"))}. Add it with "
                + $"{nameof(BuildOrchestrationBuilder.AddRunner)}, or with {nameof(BuildOrchestrationBuilder.AddRemoteRunner)} if another "
                + "process has it.",
                paramName);
        }
    }

    public BuildRunnerOptions OptionsOf(string name) => options.Get(name);

    /// <summary>Gets the client of a runner of this process. If it cannot be created, the next call retries.</summary>
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

    /// <summary>Gets the maximum number of concurrent polls of a runner. One that cannot be created fails the start of the host, not
    /// this.</summary>
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

    private RunnerClient Create(string name)
    {
        var (runner, its) = (services.GetRequiredKeyedService<IBuildRunner>(name), options.Get(name));
        return new(name, runner, its, telemetry, logger, timeProvider, new(name, its, logger, timeProvider, threads));
    }
}
