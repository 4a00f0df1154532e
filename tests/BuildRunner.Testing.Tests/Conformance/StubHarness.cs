namespace BuildRunner.Testing.Tests;

/// <summary>A harness of four members, for what the kit makes of harnesses.</summary>
internal sealed class StubHarness(IBuildRunner runner, BuildRunnerCapabilities capabilities = BuildRunnerCapabilities.None) : ConformanceHarness
{
    public Func<ConformanceBuild, BuildRequest?> Requests { get; init; } = static _ => new BuildRequest { Head = [new Change($"my:{Guid.NewGuid()}")] };

    public Func<Task<ConformanceInjection?>> Injections { get; init; } = static () => Task.FromResult<ConformanceInjection?>(null);

    public IReadOnlyList<string> Credentials { get; init; } = [];

    public IReadOnlyList<string> Sources { get; init; } = [];

    public IReadOnlyList<string>? Logs { get; init; }

    public int Callers { get; init; } = 2;

    public int Limit { get; init; } = 5;

    /// <summary>Gets a value indicating whether a call is waited for however long it takes, so that no wait is counted for a machine that is busy.</summary>
    public bool WaitsForCalls { get; init; }

    public int Waits { get; private set; }

    public override int MaxWaits => Limit;

    public override int ParallelCalls => Callers;

    public override IReadOnlyList<string> Secrets => Credentials;

    public override IReadOnlyList<string> ActivitySourceNames => Sources;

    public override IReadOnlyList<string>? CapturedLogs => Logs;

    public override BuildRunnerCapabilities Capabilities => capabilities;

    public override IBuildRunner CreateRunner() => runner;

    public override Task WaitForCallAsync(Task running, CancellationToken cancellationToken) =>
        WaitsForCalls ? Task.WhenAny(running).WaitAsync(cancellationToken) : base.WaitForCallAsync(running, cancellationToken);

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) => Requests(build);

    public override Task WaitAsync(CancellationToken cancellationToken)
    {
        Waits++;
        return Task.CompletedTask;
    }

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) => Injections();
}
