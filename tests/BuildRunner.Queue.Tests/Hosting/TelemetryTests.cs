using System.Diagnostics;
using System.Diagnostics.Metrics;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Queue.Tests.Hosting;

public sealed class TelemetryTests
{
    private const string Operation = "messaging.client.operation.duration";

    [Fact]
    public async Task A_first_delivery_goes_on_with_the_trace_of_the_publisher_and_later_ones_are_linked_to_it()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.StartAsync();
        List<Activity> spans = [];
        host.Script.Always = call =>
        {
            spans.Add(Activity.Current!);
            return call.Delivery.Deliveries < 3 ? Outcome.Postpone(TimeSpan.FromSeconds(1)) : Outcome.Done;
        };
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        await host.PublishAsync("a");

        for (var i = 0; i < 3; i++)
        {
            await host.NextSettledAsync();
        }

        spans[0].TraceId.Should().Be(caller.TraceId);
        spans[0].Links.Should().BeEmpty();
        spans.Select(static span => span.TraceId).Should().OnlyHaveUniqueItems();
        spans.Skip(1).Should().OnlyContain(static span => span.ParentSpanId == default);
        spans.Skip(1).Select(static span => span.Links.Single().Context.SpanId).Should().AllBeEquivalentTo(spans[0].ParentSpanId);
    }

    [Fact]
    public async Task A_dead_letter_that_is_replaced_is_counted_and_logged()
    {
        RecordingLogger log = new();
        await using var host = await TestHost.StartAsync(build: queue => queue.Services.AddMetrics().AddSingleton<ILoggerProvider>(log));
        using Measurements measurements = new(host.Services.GetRequiredService<IMeterFactory>());
        host.Script.Always = static _ => Outcome.Reject(new Failure("no"));

        for (var i = 0; i < 3; i++)
        {
            await host.PublishAsync("a");
            await host.NextSettledAsync();
        }

        await host.StopAsync();
        measurements.Of("buildrunner.queue.replaced.dead_letters").Sum(static measurement => measurement.Value).Should().Be(2);
        log.Entries.Where(static entry => entry.Event.Name == "DeadLetterReplaced").Should().HaveCount(2);
    }

    [Fact]
    public async Task What_a_handler_calls_its_failure_is_in_no_metric()
    {
        // A listener hears all tests of the process.
        const string topic = "wordy";
        List<string> errors = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "messaging.process.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => $"{tag.Value}");
            if (all["messaging.destination.name"] == topic)
            {
                errors.Add(all["error.type"]);
            }
        });
        listener.Start();
        await using var host = await TestHost.StartAsync(build: static builder => builder.AddConsumer<WordyHandler>(topic, static options => options.Concurrency = 1));

        foreach (var id in (string[])["retry", "reject", "throw"])
        {
            await host.Publisher.PublishAsync(topic, Consumer.MessageOf(id, id));
            await host.NextSettledAsync();
            await host.Engine.PurgeAsync(topic, [new MessageKey { PartitionKey = id, Id = id }], CancellationToken.None);
        }

        errors.Should().Contain(["retry", "reject", "System.IO.IOException"]).And.NotContain(static error => error.Contains("of my own", StringComparison.Ordinal));
    }

    [Fact]
    public void The_duration_of_handling_has_buckets_from_milliseconds_to_minutes()
    {
        Histogram<double>? duration = null;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            // Other tests of the process make instruments at the same time.
            if (instrument.Name == "messaging.process.duration")
            {
                duration = (Histogram<double>)instrument;
            }
        };
        listener.Start();
        using QueueTelemetry telemetry = new(Substitute.For<IQueueEngine>(), TimeProvider.System);

        duration!.Advice!.HistogramBucketBoundaries.Should().StartWith([0.005, 0.01]).And.Contain(10).And.BeInAscendingOrder();
    }

    [Fact]
    public async Task A_host_has_measurements_of_its_own()
    {
        await using var host = await TestHost.StartAsync(build: AddMetrics);
        await using var other = await TestHost.StartAsync(build: AddMetrics);
        using Measurements heard = new(host.Services.GetRequiredService<IMeterFactory>());
        await other.PublishAsync("of another");
        await other.NextCallAsync();
        await host.PublishAsync("a");
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        await host.NextSettledAsync();

        heard.Of("messaging.client.sent.messages").Should().ContainSingle().Which.Value.Should().Be(1);
        heard.Of("messaging.client.consumed.messages").Should().ContainSingle().Which.Value.Should().Be(1);
    }

    [Fact]
    public async Task Publishes_and_exchanges_are_timed()
    {
        await using var host = await TestHost.StartAsync(build: AddMetrics);
        using Measurements heard = new(host.Services.GetRequiredService<IMeterFactory>());
        host.Engine.Change = result =>
        {
            host.Time.Advance(result.Claims.Count * TimeSpan.FromSeconds(3));
            return result;
        };
        await host.PublishAsync("a");
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        await host.NextSettledAsync();

        var publish = heard.Of(Operation).Should().ContainSingle(static one => one.Name == "publish").Subject;
        publish.Tags.Should().Contain("messaging.operation.type", "send").And.Contain("messaging.system", "memory").And.Contain("messaging.destination.name", TestHost.Topic).And.NotContainKey("error.type");
        var round = heard.Of(Operation).Should().ContainSingle(static one => one.Name == "round" && one.Value > 0).Subject;
        round.Value.Should().Be(3);
        round.Tags.Should().Contain("messaging.operation.type", "receive").And.NotContainKey("error.type");
    }

    [Fact]
    public async Task What_cannot_be_published_or_exchanged_is_timed_with_its_error()
    {
        await using var host = await TestHost.StartAsync(build: AddMetrics);
        using Measurements heard = new(host.Services.GetRequiredService<IMeterFactory>());
        host.Engine.Failure = new TimeoutException();
        host.Engine.PublishFailure = new IOException();

        var publish = () => host.PublishAsync("a");

        await publish.Should().ThrowAsync<IOException>();
        // The round that was under way when the engine broke has no error.
        await host.UntilAsync(() => heard.Of(Operation).Any(static one => one.Name == "round" && one.Tags.ContainsKey("error.type")));
        heard.Of(Operation).Where(static one => one.Name == "publish").Should().ContainSingle().Which.Tags.Should().Contain("error.type", "System.IO.IOException");
        heard.Of(Operation).Last(static one => one.Name == "round").Tags.Should().Contain("error.type", "System.TimeoutException");
    }

    private static void AddMetrics(QueueBuilder builder) => builder.Services.AddMetrics();

    private sealed class WordyHandler : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            Failure failure = new("no", $"a word of my own for {delivery.Message.Id}");
            return delivery.Message.Id switch
            {
                "retry" => Task.FromResult(Outcome.Retry(failure)),
                "reject" => Task.FromResult(Outcome.Reject(failure)),
                _ => throw new IOException(),
            };
        }
    }
}
