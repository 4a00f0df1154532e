using System.Collections.Concurrent;

namespace BuildRunner.Testing.Tests;

/// <summary>Everything that a harness can give, over a <see cref="FakeBuildRunner"/> and a fake clock.</summary>
internal class FakeHarness : ConformanceHarness
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AWhile = TimeSpan.FromMinutes(1);

    private readonly FakeBuildRunner _fake;
    private readonly Lock _lock = new();
    private readonly Dictionary<Change, ConformanceBuild> _changes = [];
    private readonly string _secret = Guid.NewGuid().ToString("N");
    private int _numbers;
    private PlannedFailure? _lastFailure;

    public FakeHarness()
    {
        _fake = new FakeBuildRunner(Clock);
        _fake.EveryBuild(Script);
        _fake.Reject(request => Has(request.Head, ConformanceBuild.Rejected) ? "it is to be rejected" : null);
    }

    public PacedClock Clock { get; } = new();

    /// <summary>Gets what the kit has last let go wrong.</summary>
    public ConformanceFault? LastFault { get; private set; }

    public ConcurrentQueue<string> Log { get; } = new();

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All;

    public override int ParallelCalls => 8;

    public override IReadOnlyList<string> Secrets => [_secret];

    public override IReadOnlyList<string>? CapturedLogs => [.. Log];

    public override IReadOnlyList<string> ActivitySourceNames => [ObservedRunner.Traces.Name];

    public override IBuildRunner CreateRunner() => new ObservedRunner(_fake.Restart(), Log.Enqueue);

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var change = new Change($"git://host/repo/refs%2Fheads%2Fmain/{++_numbers}");
            _changes.Add(change, build);
            return new BuildRequest { Head = [change] };
        }
    }

    public override Task WaitAsync(CancellationToken cancellationToken)
    {
        Clock.Advance(Step);
        return Task.CompletedTask;
    }

    public override Task WaitForCallAsync(Task running, CancellationToken cancellationToken) => Clock.PaceAsync(running, cancellationToken);

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken)
    {
        LastFault = fault;
        var failure = ToFailure(fault, failingCall);
        var planned = _lastFailure = failingCall switch
        {
            ConformanceCall.Trigger when fault == ConformanceFault.CredentialsRefused => _fake.EveryTrigger(failure),
            ConformanceCall.Trigger => _fake.NextTrigger(failure),
            ConformanceCall.Status => _fake.EveryStatus(failure),
            _ => _fake.EveryCancel(failure),
        };
        return Task.FromResult<ConformanceInjection?>(new ConformanceInjection(planned.Reached, () =>
        {
            planned.Dispose();
            return ValueTask.CompletedTask;
        }));
    }

    /// <summary>Takes back what the kit has last let go wrong.</summary>
    public void TakeBack() => _lastFailure!.Dispose();

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        _fake.MoveTo(buildId, BuildStatus.Unknown, [new(BuildMetadataKeys.NativeState, "PONDERING")]);
        return Task.FromResult(true);
    }

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>((int)_fake.CreatedBuilds);

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var request = _fake.Triggers.First(trigger => trigger.BuildId == buildId).Request;
        return Task.FromResult<IReadOnlyList<Change>?>([.. request.Base, .. request.Head]);
    }

    private FakeFailure ToFailure(ConformanceFault fault, ConformanceCall failingCall) => fault switch
    {
        ConformanceFault.AnswerLost => FakeFailure.AnswerLost(),
        ConformanceFault.TimedOut => FakeFailure.TimesOut(),
        ConformanceFault.Hangs => FakeFailure.Hangs(),
        ConformanceFault.RateLimited => FakeFailure.RateLimited(InjectedRetryAfter),
        ConformanceFault.Refused when failingCall == ConformanceCall.Cancel => FakeFailure.CancelRefused(),
        ConformanceFault.Refused => FakeFailure.Transient(),
        ConformanceFault.CredentialsRefused => FakeFailure.CredentialsRefused(),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private FakeBuild Script(BuildRequest request)
    {
        var headFails = Has(request.Head, ConformanceBuild.Fails);
        if (headFails || Has(request.Base, ConformanceBuild.Fails))
        {
            var failed = FakeBuild.Fails(after: Soon);
            return failed with { Metadata = failed.Metadata.SetItems([new(BuildMetadataKeys.FailedSide, headFails ? BuildFailedSides.Head : BuildFailedSides.Base)]) };
        }

        if (Has(request.Head, ConformanceBuild.IgnoresCancel))
        {
            return FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = AWhile };
        }

        return Has(request.Head, ConformanceBuild.RunsLong) ? FakeBuild.RunsUntilCancelled() : FakeBuild.Succeeds(after: Soon);
    }

    private bool Has(IEnumerable<Change> changes, ConformanceBuild build)
    {
        lock (_lock)
        {
            return changes.Any(change => _changes.TryGetValue(change, out var kind) && kind == build);
        }
    }
}
