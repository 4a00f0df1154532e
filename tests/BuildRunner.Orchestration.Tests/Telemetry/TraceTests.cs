using System.Diagnostics;
using BuildRunner.Orchestration.Tests.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace BuildRunner.Orchestration.Tests.Telemetry;

[Collection<TelemetryAlone>]
public sealed class TraceTests
{
    private const string Runner = "traced";

    [Fact]
    public async Task One_trace_runs_from_the_submission_to_the_observer_and_later_polls_are_linked_to_it()
    {
        List<Activity> exported = [];
        using ActivitySource caller = new("BuildRunner.Caller");
        using var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(caller.Name, "BuildRunner.Orchestration", "BuildRunner.Queue")
            .AddProcessor(new SimpleActivityExportProcessor(new OpenTelemetry.Exporter.InMemoryExporter<Activity>(exported)))
            .Build();

        var (build, trace) = await RunAsync(caller);
        provider.ForceFlush();

        var spans = exported.ToList().Where(span => span.TraceId == trace).ToList();
        spans.Select(span => span.DisplayName).Should().Contain(
        [
            "submit build", $"process build.{Runner}", $"trigger {Runner}", $"process buildsignal.{Runner}", $"status {Runner}", "process buildchange",
        ]);
        spans.Where(span => span.DisplayName != "call").Should().OnlyContain(span => spans.Any(parent => parent.SpanId == span.ParentSpanId), "each has a parent in the trace");
        spans.Single(span => span.DisplayName == "submit build").GetTagItem("cicd.pipeline.run.id").Should().Be(build.Id.ToString());

        var later = exported.ToList().Where(span => span.DisplayName == $"process buildsignal.{Runner}" && span.TraceId != trace).ToList();
        later.Should().NotBeEmpty().And.OnlyContain(span => span.Links.Any(link => link.Context.TraceId == trace));
    }

    [Fact]
    public async Task A_call_that_fails_is_marked_in_its_span()
    {
        await using InMemoryBackend backend = new();
        FakeBuildRunner runner = new(backend.Time);
        runner.NextStatus(FakeFailure.Permanent());
        List<Activity> exported = [];
        await using var process = await StageProcess.StartAsync(backend, (stage, hook) => stage.AddRunner(hook, runner, name: "failing-in-trace"));
        using var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource("BuildRunner.Orchestration")
            .AddProcessor(new SimpleActivityExportProcessor(new OpenTelemetry.Exporter.InMemoryExporter<Activity>(exported)))
            .Build();

        await process.Orchestrator.SubmitAsync(Submissions.Of(runner: "failing-in-trace"));
        await process.DrainAsync();

        var span = exported.ToList().Should().ContainSingle(span => span.DisplayName == "status failing-in-trace").Subject;
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.Kind.Should().Be(ActivityKind.Client);
        span.GetTagItem("error.type").Should().Be(typeof(BuildRunnerException).FullName);
    }

    private static async Task<(Build Build, ActivityTraceId Trace)> RunAsync(ActivitySource caller)
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(null!, default).ReturnsForAnyArgs(new BuildId("traced-1"));
        runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Running }, new BuildSnapshot { Status = BuildStatus.Running }, new BuildSnapshot { Status = BuildStatus.Succeeded });
        using var host = StageHost.Create(services =>
        {
            services.AddQueue().UseInMemory();
            services.AddBuildOrchestration().AddRunner(Runner, StageHost.Hasten).AddObserver<EndObserver>();
            services.AddSingleton<EndObserver>().AddKeyedSingleton(Runner, runner);
        });
        await host.StartAsync();
        Build submitted;
        ActivityTraceId trace;
        using (var call = caller.StartActivity("call")!)
        {
            trace = call.TraceId;
            submitted = await host.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(Submissions.Of(runner: Runner));
        }

        await host.Services.GetRequiredService<EndObserver>().EndOfAsync(submitted.Id);
        await host.StopAsync();
        return (submitted, trace);
    }
}
