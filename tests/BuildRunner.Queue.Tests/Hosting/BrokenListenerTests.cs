using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Logs and listeners that throw, and what is said to them that nobody else is told.</summary>
public sealed class BrokenListenerTests
{
    // A listener hears all tests of the process.
    private const string Topic = "unheard";

    [Fact]
    public async Task A_log_that_throws_keeps_no_message_and_no_slot()
    {
        await using var host = await TestHost.StartAsync(static options => options.Concurrency = 1, Logging(static _ => throw new IOException()));
        await host.PublishAsync("a");
        (await host.NextCallAsync()).Answer.SetException(new InvalidOperationException());

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(ResolutionKind.Retry);
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        (await host.NextSettledAsync()).Resolution.Should().Be(Resolution.Done);
    }

    [Fact]
    public async Task A_listener_of_measurements_that_throws_changes_no_outcome()
    {
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "messaging.process.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, tags, _) =>
        {
            if (tags.ToArray().Any(static tag => Topic.Equals(tag.Value)))
            {
                throw new IOException();
            }
        });
        listener.Start();
        await using var host = await TestHost.StartAsync(build: static builder => builder.AddConsumer<DoneHandler>(Topic));

        await host.Publisher.PublishAsync(Topic, Consumer.MessageOf("a"));

        (await host.NextSettledAsync()).Resolution.Should().Be(Resolution.Done);
    }

    [Fact]
    public async Task A_listener_of_spans_that_throws_keeps_no_message()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = static activity => _ = activity.DisplayName == $"process {Topic}" ? throw new IOException() : 0,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.StartAsync(build: static builder => builder.AddConsumer<DoneHandler>(Topic));

        await host.Publisher.PublishAsync(Topic, Consumer.MessageOf("a"));

        (await host.NextSettledAsync()).Resolution.Should().Match<Resolution>(static resolution => resolution.Kind == ResolutionKind.Retry && resolution.Failure!.Type == "System.IO.IOException");
    }

    [Fact]
    public async Task What_a_handler_throws_after_it_was_given_up_is_logged()
    {
        ConcurrentQueue<Exception> logged = [];
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(10), Logging(logged.Enqueue));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await host.NextSettledAsync();

        call.Answer.SetException(new InvalidTimeZoneException());

        await host.UntilAsync(() => logged.Any(static exception => exception is InvalidTimeZoneException));
    }

    [Fact]
    public async Task What_is_thrown_by_a_callback_of_the_token_is_logged()
    {
        ConcurrentQueue<Exception> logged = [];
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(10), Logging(logged.Enqueue));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await using var registration = call.Token.Register(static () => throw new InvalidTimeZoneException());

        await host.UntilAsync(() => logged.Any(static exception => exception is AggregateException all && all.Flatten().InnerException is InvalidTimeZoneException));
        call.Answer.SetResult(Outcome.Done);
    }

    private static Action<QueueBuilder> Logging(Action<Exception> log) => builder => builder.Services.AddSingleton<ILoggerProvider>(new CallingLogger(log));

    /// <summary>A log that does what the test says with each exception.</summary>
    private sealed class CallingLogger(Action<Exception> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
            {
                log(exception);
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class DoneHandler : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) => Task.FromResult(Outcome.Done);
    }
}
