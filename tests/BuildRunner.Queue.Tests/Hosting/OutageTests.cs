using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Rule Q12: the queue is away, and a pump that is broken.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_handler_is_told_when_the_queue_is_away_for_longer_than_the_lease()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        host.Engine.Failure = new TimeoutException();

        await host.UntilAsync(() => call.Token.IsCancellationRequested);
        host.Engine.Failure = null;
        call.Answer.SetResult(Outcome.Done);
    }

    [Fact]
    public async Task A_consumer_goes_on_by_itself_when_the_queue_is_back_and_settles_what_it_has()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        host.Engine.Failure = new TimeoutException();
        call.Answer.SetResult(Outcome.Done);
        for (var i = 0; i < 5; i++)
        {
            await host.NextRoundAsync();
        }

        host.Engine.Failure = null;

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_queue_that_is_away_and_loses_answers_loses_no_message()
    {
        await using var host = await TestHost.StartAsync(static options => options.MaxAttempts = 1000);
        HashSet<string> handled = [];
        host.Script.Always = call =>
        {
            lock (handled)
            {
                handled.Add(call.Delivery.Message.Id);
                return Outcome.Done;
            }
        };
        host.Engine.Failure = new TimeoutException();
        string[] ids = [.. Enumerable.Range(0, 100).Select(static i => $"{i}")];
        foreach (var id in ids)
        {
            await host.PublishAsync(id, $"{id[^1]}");
        }

        for (var i = 0; i < 10; i++)
        {
            await host.NextRoundAsync();
        }

        var rounds = 0;
        host.Engine.Change = result => ++rounds % 3 == 0 ? throw new TimeoutException() : result;
        host.Engine.Failure = null;
        await host.UntilAsync(() => host.Queue.Size == (0, 0, 0));

        handled.Should().BeEquivalentTo(ids);
    }

    [Fact]
    public async Task Tries_become_rarer_while_the_queue_is_away()
    {
        await using var host = await TestHost.StartAsync();
        host.Engine.Failure = new TimeoutException();
        var began = host.Time.GetUtcNow();

        for (var i = 0; i < 20; i++)
        {
            await host.NextRoundAsync();
        }

        (host.Time.GetUtcNow() - began).Should().BeGreaterThan(TimeSpan.FromSeconds(30)).And.BeLessThan(TimeSpan.FromSeconds(100));
    }

    [Fact]
    public async Task A_pump_that_cannot_begin_stops_the_host()
    {
        await using WatchedEngine engine = new(new InMemoryQueueEngine(TimeProvider.System), static () => { }) { SubscriptionFailure = new InvalidOperationException() };
        using var host = Build(engine);

        var run = () => host.RunAsync(TestContext.Current.CancellationToken);

        await run.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_pump_that_breaks_at_work_stops_the_host_whatever_its_log_does()
    {
        await using WatchedEngine engine = new(new InMemoryQueueEngine(TimeProvider.System), static () => { });
        using var host = Build(engine);
        TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await using var registration = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        engine.Change = static result => result with { Claims = null! };
        await host.Services.GetRequiredService<IPublisher>().PublishAsync(TestHost.Topic, Consumer.MessageOf("a"), TestContext.Current.CancellationToken);

        await stopping.Task.WaitAsync(TestContext.Current.CancellationToken);
        var stop = () => host.StopAsync(TestContext.Current.CancellationToken);
        await stop.Should().ThrowAsync<Exception>();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_mistake_with_an_answer_is_not_taken_for_an_outage_and_stops_the_host_and_the_handlers_that_run()
    {
        await using WatchedEngine engine = new(new InMemoryQueueEngine(TimeProvider.System), static () => { });
        engine.Change = static result => result.Settlements.Count > 0 ? result with { Claims = null! } : result;
        WaitingHandler.Progress progress = new();
        using var host = Build<WaitingHandler>(engine, builder => builder.Services.AddSingleton(progress));
        TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await using var registration = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        var publisher = host.Services.GetRequiredService<IPublisher>();
        await publisher.PublishAsync(TestHost.Topic, Consumer.MessageOf("wait", "p"), TestContext.Current.CancellationToken);
        await progress.Started.Task.WaitAsync(TestContext.Current.CancellationToken);

        await publisher.PublishAsync(TestHost.Topic, Consumer.MessageOf("a", "q"), TestContext.Current.CancellationToken);

        await stopping.Task.WaitAsync(TestContext.Current.CancellationToken);
        await progress.Told.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private static IHost Build(IQueueEngine engine) => Build<Handler>(engine, static _ => { });

    private static IHost Build<THandler>(IQueueEngine engine, Action<HostApplicationBuilder> build)
        where THandler : class, IMessageHandler
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerProvider, BrokenLogger>();
        builder.Services.AddQueue().UseEngine(_ => engine).AddConsumer<THandler>(TestHost.Topic);
        build(builder);
        return builder.Build();
    }

    /// <summary>A log that takes nothing.</summary>
    private sealed class BrokenLogger : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("BuildRunner", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => throw new IOException();

        public void Dispose()
        {
        }
    }

    private sealed class Handler : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) => Task.FromResult(Outcome.Done);
    }

    /// <summary>A handler that waits for its token with one message.</summary>
    private sealed class WaitingHandler(WaitingHandler.Progress progress) : IMessageHandler
    {
        public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            if (delivery.Message.Id == "wait")
            {
                await using var registration = cancellationToken.Register(progress.Told.SetResult);
                progress.Started.SetResult();
                await progress.Told.Task;
            }

            return Outcome.Done;
        }

        internal sealed class Progress
        {
            public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
