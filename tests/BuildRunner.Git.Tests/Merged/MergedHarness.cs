using System.Globalization;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>Merged refs around a CI that has everything, each instance on a host of its own. The clock of the CI is faked; merging and pushing take the time that they take.</summary>
internal sealed class MergedHarness : ConformanceHarness, IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, (ConformanceBuild Build, Change Change)> _heads = new(StringComparer.Ordinal);
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeBuildRunner _ci;
    private MergedFixture _fixture = null!;

    public MergedHarness()
    {
        _ci = new FakeBuildRunner(_clock);
        _ci.EveryBuild(Script);
    }

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All;

    public override int ParallelCalls => 4;

    public async Task OpenAsync() => _fixture = await MergedFixture.CreateAsync();

    public override IBuildRunner CreateRunner() => _fixture.CreateHost(ci: _ci.Restart(), add: static services => services.AddSingleton(TimeProvider.System)).Runner;

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        if (build == ConformanceBuild.Rejected)
        {
            return new BuildRequest { Head = [GitChange.Create("elsewhere", "repository", "refs/heads/any", new string('0', 40))] };
        }

        var change = await _fixture.CommitAsync(string.Create(CultureInfo.InvariantCulture, $"does-{_heads.Count}"));
        lock (_heads)
        {
            _heads.Add(change.Uris[0].Split('/')[^1], (build, change));
        }

        return new BuildRequest { Head = [change] };
    }

    public override Task WaitAsync(CancellationToken cancellationToken)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return Task.Delay(1, cancellationToken);
    }

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken)
    {
        var failure = fault switch
        {
            ConformanceFault.AnswerLost => FakeFailure.AnswerLost(),
            ConformanceFault.TimedOut => FakeFailure.TimesOut(),
            ConformanceFault.Hangs => FakeFailure.Hangs(),
            ConformanceFault.RateLimited => FakeFailure.RateLimited(InjectedRetryAfter),
            ConformanceFault.Refused when failingCall == ConformanceCall.Cancel => FakeFailure.CancelRefused(),
            ConformanceFault.Refused => FakeFailure.Transient(),
            _ => FakeFailure.CredentialsRefused(),
        };
        var planned = failingCall switch
        {
            ConformanceCall.Trigger when fault == ConformanceFault.CredentialsRefused => _ci.EveryTrigger(failure),
            ConformanceCall.Trigger => _ci.NextTrigger(failure),
            ConformanceCall.Status => _ci.EveryStatus(failure),
            _ => _ci.EveryCancel(failure),
        };
        return Task.FromResult<ConformanceInjection?>(new ConformanceInjection(planned.Reached, () =>
        {
            planned.Dispose();
            return ValueTask.CompletedTask;
        }));
    }

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        _ci.MoveTo(buildId, BuildStatus.Unknown, [new(BuildMetadataKeys.NativeState, "PONDERING")]);
        return Task.FromResult(true);
    }

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>((int)_ci.CreatedBuilds);

    public override async Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var uri = _ci.Triggers.First(trigger => trigger.BuildId == buildId).Request.Head[0].Uris[0];
        return [.. Applied(uri.Split('/')[^1]).Select(commit => _heads[commit].Change)];
    }

    public async ValueTask DisposeAsync() => await _fixture.DisposeAsync();

    // The second parent of each merge is what was applied.
    private IEnumerable<string> Applied(string commit) =>
        _fixture.Origin.GitAsync("log", "--first-parent", "--reverse", "--merges", "--format=%P", commit).GetAwaiter().GetResult().Split('\n').Select(static parents => parents.Split(' ')[1]);

    private FakeBuild Script(BuildRequest request)
    {
        lock (_heads)
        {
            var builds = Applied(request.Head[0].Uris[0].Split('/')[^1]).Select(commit => _heads[commit].Build).ToList();
            return builds.Contains(ConformanceBuild.Fails) ? Failed(builds[^1])
                : builds[^1] == ConformanceBuild.IgnoresCancel ? FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = TimeSpan.FromMinutes(1) }
                : builds[^1] == ConformanceBuild.RunsLong ? FakeBuild.RunsUntilCancelled()
                : FakeBuild.Succeeds(after: Soon);
        }
    }

    private static FakeBuild Failed(ConformanceBuild head)
    {
        var failed = FakeBuild.Fails(after: Soon);
        return failed with { Metadata = failed.Metadata.SetItems([new(BuildMetadataKeys.FailedSide, head == ConformanceBuild.Fails ? BuildFailedSides.Head : BuildFailedSides.Base)]) };
    }
}
