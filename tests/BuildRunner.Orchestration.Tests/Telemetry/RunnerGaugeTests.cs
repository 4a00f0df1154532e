using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Telemetry;

/// <summary>What runners have and whether they are held, as each process shows it.</summary>
public sealed class RunnerGaugeTests : IAsyncDisposable
{
    private const string InFlight = "buildrunner.orchestration.builds.in_flight";
    private const string Held = "buildrunner.orchestration.runner.held";
    private const string Open = "open";

    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);

    private readonly InMemoryBackend _backend = new();
    private readonly FakeBuildRunner _runner;

    public RunnerGaugeTests() => _runner = new FakeBuildRunner(_backend.Time);

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task Each_process_shows_what_runners_have_in_all_of_them_and_whether_they_are_held()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        using Gauges one = new(first), two = new(second);
        _runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        for (var number = 0; number < 3; number++)
        {
            await first.Orchestrator.SubmitAsync(Submissions.Of($"{number}"));
        }

        await first.DrainAsync();
        await ShouldAllShowAsync(("ci", 2, 0), (Open, null, 0));
        await second.Orchestrator.PauseRunnerAsync(Open, new() { Holds = true, By = "test" });
        await ShouldAllShowAsync(("ci", 2, 0), (Open, null, 1));
        foreach (var build in (await first.Orchestrator.ListAsync()).Builds)
        {
            await second.Orchestrator.CancelAsync(build.Id);
        }

        await first.DrainAsync();
        await second.Orchestrator.ResumeRunnerAsync(Open, "test");
        await ShouldAllShowAsync(("ci", 0, 0), (Open, null, 0));

        async Task ShouldAllShowAsync(params (string Runner, int? InFlight, int IsHeld)[] expected)
        {
            foreach (var gauges in new[] { one, two })
            {
                await gauges.Service.RefreshAsync(CancellationToken.None);
                gauges.Read().Should().BeEquivalentTo(expected);
            }
        }
    }

    [Fact]
    public async Task They_are_read_again_and_again_by_every_process_that_knows_a_runner()
    {
        await using var process = await StageProcess.StartAsync(_backend, static (stage, _) =>
        {
            stage.Services.AddMetrics();
            stage.AddRemoteRunner("ci");
        });
        using Gauges gauges = new(process);
        var reads = 0;
        List<TaskCompletionSource> done = [.. Enumerable.Range(0, 3).Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        process.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "store.list-documents", IsDone: true } && reads < done.Count)
            {
                done[reads++].SetResult();
            }

            return Task.CompletedTask;
        };

        await gauges.Service.StartAsync(CancellationToken.None);
        foreach (var read in done)
        {
            await read.Task.WaitAsync(Safety);
            await _backend.AdvanceAsync(RunnerGauges.Interval);
        }

        await gauges.Service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Nothing_is_read_while_nobody_measures_and_nothing_old_is_shown_while_nothing_can_be_read()
    {
        await using var process = await StartAsync();
        var reads = 0;
        var isAway = false;
        process.Hook.OnCallAsync = call =>
        {
            reads += call is { Member: "store.list-documents", IsDone: false } ? 1 : 0;
            return isAway ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        };
        var service = process.Services.GetServices<IHostedService>().OfType<RunnerGauges>().Single();

        await service.RefreshAsync(CancellationToken.None);
        reads.Should().Be(0);
        using Gauges gauges = new(process);
        await service.RefreshAsync(CancellationToken.None);
        gauges.Read().Should().HaveCount(2);
        isAway = true;
        await service.RefreshAsync(CancellationToken.None);

        reads.Should().Be(2);
        gauges.Read().Should().BeEmpty();
    }

    [Fact]
    public async Task Builds_are_counted_of_runners_with_limits_that_the_process_knows_and_of_no_others()
    {
        await using var elsewhere = await StageProcess.StartAsync(_backend, static (_, _) => { });
        await elsewhere.Orchestrator.PauseRunnerAsync("unknown", new() { Refuses = true, By = "test" });
        await using var process = await StartAsync();
        using Gauges gauges = new(process);
        var counts = 0;
        process.Hook.OnCallAsync = call =>
        {
            counts += call is { Member: "store.line", IsDone: false } ? 1 : 0;
            return Task.CompletedTask;
        };

        await gauges.Service.RefreshAsync(CancellationToken.None);

        counts.Should().Be(1);
        gauges.Read().Should().BeEquivalentTo([("ci", (int?)0, 0), (Open, null, 0)]);
    }

    [Fact]
    public async Task What_was_read_some_intervals_ago_is_not_shown_any_more()
    {
        await using var process = await StartAsync();
        using Gauges gauges = new(process);
        await gauges.Service.RefreshAsync(CancellationToken.None);

        // As while a read hangs, or while nobody has measured.
        await _backend.AdvanceAsync(3 * RunnerGauges.Interval);
        gauges.Read().Should().HaveCount(2);
        await _backend.AdvanceAsync(TimeSpan.FromSeconds(1));

        gauges.Read().Should().BeEmpty();
        await gauges.Service.RefreshAsync(CancellationToken.None);
        gauges.Read().Should().HaveCount(2);
    }

    private Task<StageProcess> StartAsync() => StageProcess.StartAsync(_backend, (stage, hook) =>
    {
        stage.Services.AddMetrics();
        stage.AddRunner(hook, _runner, configure: static options => options.MaxInFlight = 2).AddRunner(hook, _runner, name: Open);
    });

    /// <summary>The gauges of one process.</summary>
    private sealed class Gauges : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, (int? InFlight, int IsHeld)> _values = [];

        public Gauges(StageProcess process)
        {
            // It makes the meter.
            var services = process.Services;
            Service = services.GetServices<IHostedService>().OfType<RunnerGauges>().Single();
            var factory = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name is InFlight or Held)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
            {
                var runner = (string)tags[0].Value!;
                var known = _values.GetValueOrDefault(runner);
                _values[runner] = instrument.Name == InFlight ? (value, known.IsHeld) : (known.InFlight, value);
            });
            _listener.Start();
        }

        public RunnerGauges Service { get; }

        public IReadOnlyList<(string Runner, int? InFlight, int IsHeld)> Read()
        {
            _values.Clear();
            _listener.RecordObservableInstruments();
            return [.. _values.Select(static value => (value.Key, value.Value.InFlight, value.Value.IsHeld))];
        }

        public void Dispose() => _listener.Dispose();
    }
}
