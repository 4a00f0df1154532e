using System.Diagnostics;
using System.Diagnostics.Metrics;
using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Telemetry;

/// <summary>Listeners of spans and measurements that throw change nothing of the builds.</summary>
[Collection<TelemetryAlone>]
public sealed class BrokenListenerTests : IAsyncDisposable
{
    private const string Source = "BuildRunner.Orchestration";

    private readonly HandlerFixture _fixture = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities = new();

    public async ValueTask DisposeAsync()
    {
        _meters.Dispose();
        _activities.Dispose();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("measure")]
    public async Task What_the_runner_answers_is_saved(string moment)
    {
        Listen(moment);
        _fixture.Runner.TriggerAsync(null!, default).ReturnsForAnyArgs(HandlerFixture.RemoteId);
        _fixture.Runner.StatusAsync(default).ReturnsForAnyArgs(new BuildSnapshot { Status = BuildStatus.Succeeded });

        (await _fixture.DeliverAsync<TriggerHandler>()).Should().Be(Outcome.Done);
        (await _fixture.DeliverAsync<PollHandler>()).Should().Be(Outcome.Done);

        _fixture.Current.Should().Match<Build>(static build => build.RemoteId == HandlerFixture.RemoteId && build.Status == BuildStatus.Succeeded);
        _fixture.Log.Entries.Should().Contain(static entry => entry.Text.Contains("listener", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("measure")]
    public async Task A_submission_that_was_saved_is_answered(string moment)
    {
        Listen(moment);
        _fixture.Store.ReadAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).Returns(new BuildReading { Now = _fixture.Now });
        Activity? current = null;
        _fixture.Store.TryCreateAsync(null!, null!, default).ReturnsForAnyArgs(_ =>
        {
            current = Activity.Current;
            return true;
        });

        var build = await _fixture.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(Submissions.Of("key"));

        build.Key.Should().Be("key");
        (current is not null).Should().Be(moment == "stop", "what could not be begun is no parent of anything");
    }

    private void Listen(string moment)
    {
        if (moment == "measure")
        {
            _meters.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == Source)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("The listener is broken."));
            _meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("The listener is broken."));
            _meters.Start();
            return;
        }

        _activities.ShouldListenTo = static source => source.Name == Source;
        _activities.Sample = static (ref _) => ActivitySamplingResult.AllData;
        _activities.ActivityStarted = _ => ThrowAt(moment == "start");
        _activities.ActivityStopped = _ => ThrowAt(moment == "stop");
        ActivitySource.AddActivityListener(_activities);
    }

    private static void ThrowAt(bool isMoment)
    {
        if (isMoment)
        {
            throw new InvalidOperationException("The listener is broken.");
        }
    }
}
