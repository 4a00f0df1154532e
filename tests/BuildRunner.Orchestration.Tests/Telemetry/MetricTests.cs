using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace BuildRunner.Orchestration.Tests.Telemetry;

/// <summary>The metrics of a runner with a name that no other test uses.</summary>
[Collection<TelemetryAlone>]
public sealed class MetricTests : IAsyncDisposable
{
    private const string NameTag = "cicd.pipeline.name";

    private static readonly Dictionary<string, (string Unit, string[] Tags)> Known = new()
    {
        ["cicd.pipeline.run.duration"] = ("s", [NameTag, "cicd.pipeline.run.state", "cicd.pipeline.result", "error.type"]),
        ["cicd.pipeline.run.active"] = ("{run}", [NameTag, "cicd.pipeline.run.state"]),
        ["cicd.pipeline.run.errors"] = ("{error}", [NameTag, "error.type", "buildrunner.orchestration.timeout_of"]),
        ["buildrunner.orchestration.call.duration"] = ("s", [NameTag, "buildrunner.orchestration.operation", "error.type"]),
        ["buildrunner.orchestration.polls"] = ("{poll}", [NameTag]),
        ["buildrunner.orchestration.poll.lateness"] = ("s", [NameTag]),
        ["buildrunner.orchestration.postpones"] = ("{postpone}", [NameTag, "buildrunner.orchestration.reason"]),
        ["buildrunner.orchestration.dead_letters"] = ("{build}", [NameTag]),
        ["buildrunner.orchestration.builds.abandoned"] = ("{build}", [NameTag]),
        ["buildrunner.orchestration.builds.in_flight"] = ("{build}", [NameTag]),
        ["buildrunner.orchestration.runner.held"] = ("{runner}", [NameTag]),
        ["buildrunner.orchestration.retries"] = ("{attempt}", [NameTag, "error.type"]),
        ["buildrunner.orchestration.retries.over_budget"] = ("{build}", [NameTag]),
    };

    private readonly string _name = $"measured-{Guid.NewGuid():N}";
    private readonly List<Metric> _exported = [];
    private readonly InMemoryBackend _backend = new();
    private readonly FakeBuildRunner _runner;
    private readonly MeterProvider _provider;

    public MetricTests()
    {
        _runner = new FakeBuildRunner(_backend.Time);
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter("BuildRunner.Orchestration", "BuildRunner.Queue").AddInMemoryExporter(_exported).Build();
    }

    public ValueTask DisposeAsync()
    {
        _provider.Dispose();
        return _backend.DisposeAsync();
    }

    [Fact]
    public async Task The_duration_of_builds_is_measured_by_state_and_result()
    {
        await using var process = await StartAsync();
        await RunAsync(process, FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        await RunAsync(process, FakeBuild.Fails(TimeSpan.FromMinutes(1)));
        await RunAsync(process, FakeBuild.Fails(TimeSpan.FromMinutes(1), BuildFailureKinds.Infra));
        await RunAsync(process, FakeBuild.Fails(TimeSpan.FromMinutes(1), BuildFailureKinds.Skipped));
        await RunAsync(process, FakeBuild.RunsUntilCancelled(), timeout: TimeSpan.FromMinutes(2));
        await RunAsync(process, FakeBuild.RunsUntilCancelled(), isCancelled: true);

        var points = Points("cicd.pipeline.run.duration");

        foreach (var state in new[] { "pending", "executing" })
        {
            var measured = points.Where(point => (string?)point.Tags["cicd.pipeline.run.state"] == state).ToList();
            measured.Select(point => (point.Tags["cicd.pipeline.result"], point.Tags.GetValueOrDefault("error.type"), point.Point.GetHistogramCount())).Should().BeEquivalentTo(new (object?, object?, long)[]
            {
                ("success", null, 1), ("failure", "code", 1), ("error", "infra", 1), ("skip", "skipped", 1), ("timeout", "timeout", 1), ("cancellation", null, 1),
            });
        }

        Sum("executing").Should().BeInRange(58, 65);
        Sum("pending").Should().BeInRange(0, 5);

        double Sum(string state) => points.Single(point => (string?)point.Tags["cicd.pipeline.result"] == "success" && (string?)point.Tags["cicd.pipeline.run.state"] == state).Point.GetHistogramSum();
    }

    [Fact]
    public async Task Failures_are_counted_by_kind_and_kinds_that_are_not_known_together()
    {
        await using var process = await StartAsync();
        await RunAsync(process, FakeBuild.Fails());
        await RunAsync(process, FakeBuild.Fails(failureKind: BuildFailureKinds.Conflict));
        await RunAsync(process, FakeBuild.Fails(failureKind: BuildFailureKinds.Rejected));
        await RunAsync(process, FakeBuild.Fails(failureKind: "gremlins"));
        await RunAsync(process, FakeBuild.Fails(failureKind: "goblins"));
        await RunAsync(process, FakeBuild.Succeeds());

        var points = Points("cicd.pipeline.run.errors");

        points.Select(point => (point.Tags["error.type"], point.Point.GetSumLong())).Should().BeEquivalentTo(new (object?, long)[] { ("code", 1), ("conflict", 1), ("rejected", 1), ("_OTHER", 2) });
    }

    [Fact]
    public async Task Active_builds_are_counted_and_are_none_when_all_have_ended()
    {
        await using var process = await StartAsync();
        _runner.NextBuild(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        var running = await process.Orchestrator.SubmitAsync(Submissions.Of(key: "running", runner: _name));
        await process.DrainAsync();
        _runner.NextBuild(FakeBuild.Succeeds());
        var pending = await process.Orchestrator.SubmitAsync(Submissions.Of(key: "pending", runner: _name));

        var during = Points("cicd.pipeline.run.active").ToDictionary(point => (string)point.Tags["cicd.pipeline.run.state"]!, point => point.Point.GetSumLong());
        await process.RunToEndAsync(pending.Id, TimeSpan.FromMinutes(5));
        await process.RunToEndAsync(running.Id, TimeSpan.FromMinutes(5));

        during.Should().BeEquivalentTo(new Dictionary<string, long> { ["executing"] = 1, ["pending"] = 1 });
        Points("cicd.pipeline.run.active").Should().OnlyContain(point => point.Point.GetSumLong() == 0);
    }

    [Fact]
    public async Task Polls_and_how_late_they_are_is_measured()
    {
        await using var process = await StartAsync();
        _runner.NextBuild(FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitAsync(Submissions.Of(runner: _name));
        await process.DrainAsync();
        await _backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        await process.DrainAsync();

        Points("buildrunner.orchestration.polls").Should().ContainSingle().Which.Point.GetSumLong().Should().Be(2);
        Points("buildrunner.orchestration.poll.lateness").Should().ContainSingle().Which.Point.GetHistogramSum().Should().BeInRange(57, 58.1);
    }

    [Fact]
    public async Task Dead_letters_are_counted()
    {
        await using var process = await StartAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of(runner: _name));
        process.Hook.OnCallAsync = static call => call.Member == "store.read" ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        for (var attempts = 0; attempts < 5;)
        {
            attempts += (await process.StepAsync(BuildTopics.TriggerOf(_name))).Count;
            await _backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await process.DrainAsync();

        Points("buildrunner.orchestration.dead_letters").Should().ContainSingle().Which.Point.GetSumLong().Should().Be(1);
    }

    [Fact]
    public async Task Names_units_and_tags_are_those_that_are_known_and_no_tag_holds_an_id()
    {
        await using var process = await StartAsync();
        List<string> ids = ["secret-key", "secret-owner"];
        foreach (var script in new[] { FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)), FakeBuild.Fails(failureKind: "secret-kind"), FakeBuild.RunsUntilCancelled() })
        {
            _runner.NextStatus(FakeFailure.Transient());
            var build = await RunAsync(process, script, timeout: TimeSpan.FromMinutes(5));
            ids.AddRange([build.Id.ToString(), build.RemoteId!.Value.Value, "secret-kind"]);
        }

        var metrics = Collect().Where(metric => metric.MeterName == "BuildRunner.Orchestration").ToList();
        var values = Collect().SelectMany(PointsOf).SelectMany(point => point.Tags.Values).Select(value => $"{value}").Distinct().ToList();

        metrics.Should().NotBeEmpty().And.OnlyContain(metric => Known.ContainsKey(metric.Name) && Known[metric.Name].Unit == metric.Unit);
        metrics.Should().OnlyContain(metric => PointsOf(metric).All(point => point.Tags.Keys.All(key => Known[metric.Name].Tags.Contains(key))));
        values.Should().Contain(_name).And.NotContain(value => ids.Any(id => value.Contains(id)));
    }

    [Fact]
    public async Task A_build_that_ends_without_the_word_of_its_runner_is_counted()
    {
        await using var process = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner, finds: false, name: _name));
        _runner.NextTrigger(FakeFailure.AnswerLost());

        var build = await RunAsync(process, FakeBuild.RunsUntilCancelled());

        build.Status.Should().Be(BuildStatus.Failed);
        Points("buildrunner.orchestration.builds.abandoned").Should().ContainSingle().Which.Point.GetSumLong().Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_is_tried_again_without_the_word_of_its_runner_is_counted_as_well()
    {
        await using var process = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner, finds: false, name: _name, configure: static options => options.Retry = new() { MaxAttempts = 2 }));
        _runner.NextTrigger(FakeFailure.AnswerLost());

        var build = await RunAsync(process, FakeBuild.Succeeds());

        (build.Status, build.Attempt).Should().Be((BuildStatus.Succeeded, 2));
        Points("buildrunner.orchestration.builds.abandoned").Should().ContainSingle().Which.Point.GetSumLong().Should().Be(1);
    }

    private Task<StageProcess> StartAsync() => StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner, name: _name));

    private async Task<Build> RunAsync(StageProcess process, FakeBuild script, TimeSpan? timeout = null, bool isCancelled = false)
    {
        _runner.NextBuild(script);
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(key: $"secret-key-{Guid.NewGuid()}", owner: "secret-owner", runner: _name, timeout: timeout));
        await process.DrainAsync();
        if (isCancelled)
        {
            await process.Orchestrator.CancelAsync(submitted.Id);
        }

        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(10));
        return (await process.Orchestrator.GetAsync(submitted.Id))!;
    }

    private List<Metric> Collect()
    {
        _exported.Clear();
        _provider.ForceFlush();
        return [.. _exported];
    }

    // Those of this test alone: what others have measured before may still be there.
    private List<(MetricPoint Point, Dictionary<string, object?> Tags)> Points(string metric) =>
        [.. Collect().Where(exported => exported.Name == metric).SelectMany(PointsOf).Where(point => (string?)point.Tags[NameTag] == _name)];

    private static IEnumerable<(MetricPoint Point, Dictionary<string, object?> Tags)> PointsOf(Metric metric)
    {
        foreach (var point in metric.GetMetricPoints())
        {
            Dictionary<string, object?> tags = [];
            foreach (var (key, value) in point.Tags)
            {
                tags.Add(key, value);
            }

            yield return (point, tags);
        }
    }
}
