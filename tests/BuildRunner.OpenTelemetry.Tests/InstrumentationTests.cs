using System.Diagnostics;
using System.Diagnostics.Metrics;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace BuildRunner.OpenTelemetry.Tests;

public sealed class InstrumentationTests
{
    private readonly List<Activity> _spans = [];
    private readonly List<Metric> _metrics = [];

    [Fact(Timeout = 600_000)]
    public async Task The_spans_and_metrics_of_a_build_and_of_its_messages_arrive()
    {
        using var tracing = Sdk.CreateTracerProviderBuilder().AddBuildRunnerInstrumentation().AddInMemoryExporter(_spans).Build();
        using var metering = Sdk.CreateMeterProviderBuilder().AddBuildRunnerInstrumentation().AddInMemoryExporter(_metrics).Build();
        using var host = CreateHost();

        await RunBuildAsync(host, TestContext.Current.CancellationToken);
        metering.ForceFlush();
        tracing.ForceFlush();

        _spans.Select(static span => (span.Source.Name, span.DisplayName)).Should().Contain(
        [
            (OrchestrationTelemetryNames.ActivitySource, "submit build"),
            (OrchestrationTelemetryNames.ActivitySource, "trigger ci"),
            (QueueTelemetryNames.ActivitySource, "process build.ci"),
        ]);
        _metrics.Select(static metric => (metric.MeterName, metric.Name)).Should().Contain(
        [
            (OrchestrationTelemetryNames.Meter, "cicd.pipeline.run.duration"),
            (QueueTelemetryNames.Meter, "messaging.process.duration"),
        ]);
    }

    [Fact]
    public void The_metrics_of_runners_over_HTTP_arrive()
    {
        using var metering = Sdk.CreateMeterProviderBuilder().AddBuildRunnerInstrumentation().AddInMemoryExporter(_metrics).Build();
        using Meter meter = new("BuildRunner.Http");

        meter.CreateCounter<long>("buildrunner.http.test").Add(1);
        metering.ForceFlush();

        _metrics.Select(static metric => (metric.MeterName, metric.Name)).Should().Contain(("BuildRunner.Http", "buildrunner.http.test"));
    }

    [Fact]
    public void Null_is_refused()
    {
        Action[] acts =
        [
            static () => ((TracerProviderBuilder)null!).AddBuildRunnerInstrumentation(),
            static () => ((MeterProviderBuilder)null!).AddBuildRunnerInstrumentation(),
        ];

        acts.Should().AllSatisfy(static act => act.Should().ThrowExactly<ArgumentNullException>());
    }

    private static IHost CreateHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddKeyedSingleton<IBuildRunner>("ci", new FakeBuildRunner());
        builder.Services.AddQueue().UseInMemory();
        builder.Services.AddSingleton<EndObserver>();
        builder.Services.AddBuildOrchestration().AddRunner("ci").AddObserver<EndObserver>();
        return builder.Build();
    }

    private static async Task RunBuildAsync(IHost host, CancellationToken cancellationToken)
    {
        await host.StartAsync(cancellationToken);
        await host.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(
            new BuildSubmission
            {
                Key = "shop/pull/12",
                OwnerId = "shop",
                Runner = "ci",
                Request = new BuildRequest { Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c")] },
            },
            cancellationToken);
        await host.Services.GetRequiredService<EndObserver>().Ended.WaitAsync(cancellationToken);
        await host.StopAsync(cancellationToken);
    }

    private sealed class EndObserver : IBuildObserver
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
        {
            if (build.Status.IsTerminal())
            {
                _ended.TrySetResult();
            }

            return Task.CompletedTask;
        }
    }
}
