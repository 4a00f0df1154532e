using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Logs and listeners that throw.</summary>
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

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Retry);
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_log_that_throws_at_every_entry_ends_no_consumer_and_loses_no_settlement()
    {
        await using var host = await TestHost.StartAsync(
            static options => (options.Concurrency, options.MaxAttempts) = (1, 1),
            static builder => builder.Services.AddSingleton<ILoggerProvider>(new RecordingLogger { Logged = static _ => throw new IOException() }));
        await host.PublishAsync("dead", "a");
        (await host.NextCallAsync()).Answer.SetException(new InvalidOperationException());
        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Reject);
        host.Engine.Failure = new TimeoutException();
        await host.PublishAsync("b", "b");
        await host.NextRoundAsync();
        await host.NextRoundAsync();
        host.Engine.Failure = null;

        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        host.Queue.Size.Messages.Should().Be(1, "that is the dead letter");
    }

    [Fact]
    public async Task A_listener_of_measurements_that_throws_is_logged_and_changes_nothing()
    {
        ConcurrentQueue<Exception> logged = [];
        await using TestHost host = new(build: builder => Logging(logged.Enqueue)(AddMetrics(builder)));
        ConcurrentQueue<string> instruments = [];
        using Measurements broken = new(host.Services.GetRequiredService<IMeterFactory>(), instrument =>
        {
            instruments.Enqueue(instrument.Name);
            throw new InvalidTimeZoneException();
        });
        Consumer dead = new(host.Engine) { LeaseDuration = TimeSpan.FromSeconds(1) };
        await dead.PublishAsync("expired", "q");
        await dead.ClaimOneAsync();
        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.Hosted.StartAsync(CancellationToken.None);
        host.Script.Always = static _ => Outcome.Done;

        (await host.PublishAsync("a")).Should().Be(PublishResult.Stored);
        await host.UntilAsync(() => host.Queue.Size == (0, 0, 0));

        string[] expected = ["messaging.client.sent.messages", "messaging.client.operation.duration", "messaging.client.consumed.messages", "messaging.process.duration", "buildrunner.queue.settled.messages", "buildrunner.queue.expired.leases"];
        await host.UntilAsync(() => expected.All(instruments.Contains) && logged.Count == instruments.Count);
        logged.Should().AllBeOfType<InvalidTimeZoneException>();
    }

    [Theory]
    [InlineData("publish", true)]
    [InlineData("publish", false)]
    [InlineData("process", true)]
    [InlineData("process", false)]
    public async Task A_listener_of_spans_that_throws_is_logged_and_changes_nothing(string span, bool atStart)
    {
        ConcurrentQueue<Exception> logged = [];
        Action<Activity> listen = activity => _ = activity.DisplayName == $"{span} {Topic}" ? throw new InvalidTimeZoneException() : 0;
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = atStart ? listen : null,
            ActivityStopped = atStart ? null : listen,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.StartAsync(build: builder => Logging(logged.Enqueue)(builder.AddConsumer<DoneHandler>(Topic)));

        (await host.Publisher.PublishAsync(Topic, Consumer.MessageOf("a"))).Should().Be(PublishResult.Stored);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        logged.Should().AllBeOfType<InvalidTimeZoneException>().And.ContainSingle();
        Activity.Current.Should().BeNull();
    }

    [Fact]
    public async Task A_listener_and_a_log_that_throw_change_nothing()
    {
        await using var host = await TestHost.StartAsync(build: static builder => Logging(static _ => throw new IOException())(AddMetrics(builder)));
        using Measurements broken = new(host.Services.GetRequiredService<IMeterFactory>(), static _ => throw new InvalidTimeZoneException());
        host.Script.Always = static _ => Outcome.Done;

        (await host.PublishAsync("a")).Should().Be(PublishResult.Stored);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
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

    private static QueueBuilder AddMetrics(QueueBuilder builder)
    {
        builder.Services.AddMetrics();
        return builder;
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
