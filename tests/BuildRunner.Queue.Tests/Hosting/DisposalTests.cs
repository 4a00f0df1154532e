using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A host that is disposed without a stop, as the generic host is when another of its services cannot start.</summary>
public sealed class DisposalTests : IAsyncDisposable
{
    private readonly SqliteFixture _file = new();
    private readonly InMemoryQueueEngine _memory = new(TimeProvider.System);
    private readonly RecordingLogger _log = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Theory(Timeout = 600_000)]
    [InlineData("memory", false)]
    [InlineData("memory", true)]
    [InlineData("sqlite", false)]
    [InlineData("sqlite", true)]
    public async Task Starts_that_fail_count_nothing_and_make_no_dead_letter(string engine, bool failsWhileHandling)
    {
        await using var queue = await OpenAsync(engine);
        Consumer consumer = new(queue);
        await consumer.PublishAsync("a");

        for (var i = 0; i < 12; i++)
        {
            var run = () => RunAsync<WaitingHandler>(engine, failsWhileHandling, TestContext.Current.CancellationToken);
            await run.Should().ThrowAsync<NotSupportedException>();
        }

        (await consumer.DeadLettersAsync()).Should().BeEmpty();
        (await consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(1);
        _log.Entries.Should().NotContain(static entry => entry.Level == LogLevel.Critical || (entry.Category == "BuildRunner.Queue" && entry.Level >= LogLevel.Warning));
    }

    [Theory(Timeout = 600_000)]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task A_handler_that_finishes_when_it_is_told_is_settled_by_its_outcome(string engine)
    {
        await using var queue = await OpenAsync(engine);
        Consumer consumer = new(queue);
        await consumer.PublishAsync("a");

        var run = () => RunAsync<FinishingHandler>(engine, failsWhileHandling: true, TestContext.Current.CancellationToken);
        await run.Should().ThrowAsync<NotSupportedException>();

        (await consumer.PublishAsync("a")).Should().Be(PublishResult.Stored, "the first was done");
    }

    [Fact(Timeout = 600_000)]
    public async Task A_handler_that_fails_because_what_it_needs_is_disposed_is_handed_back_and_nothing_more_is_claimed()
    {
        WatchedEngine engine = new(_memory, static () => { });
        Consumer consumer = new(_memory, TestHost.Topic);
        await consumer.PublishAsync("a");
        Settlement? settled = null;
        using (var host = Build<NeedyHandler>(builder => builder.UseEngine(_ => engine).Services.AddSingleton(_ => new Need(async () => settled = await engine.Settled.Reader.ReadAsync()))))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await host.Services.GetRequiredService<Progress>().Started.Task;
        }

        settled!.Resolution.Should().Be(Outcome.HandBack);
        (await consumer.ClaimOneAsync()).Delivery.Should().Match<Delivery>(static delivery => delivery.Attempt == 1 && delivery.Deliveries == 2);
    }

    [Theory(Timeout = 600_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_can_be_disposed_and_stopped_again_and_again(bool isStopped)
    {
        WatchedEngine engine = new(_memory, static () => { });
        using var host = Build<WaitingHandler>(builder => builder.UseEngine(_ => engine));
        var hosted = host.Services.GetServices<IHostedService>().OfType<QueueHost>().Single();
        await hosted.StartAsync(TestContext.Current.CancellationToken);
        if (isStopped)
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        ((IDisposable)hosted).Dispose();
        await ((IAsyncDisposable)hosted).DisposeAsync();
        await hosted.StopAsync(CancellationToken.None);

        engine.EndedPumps.Should().Be(1);
    }

    [Theory(Timeout = 600_000)]
    [InlineData("memory")]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    [InlineData("mysql")]
    public async Task A_container_can_be_disposed_synchronously_in_a_context_that_waits_for_it(string engine)
    {
        await using var file = await OpenAsync("sqlite");
        ServiceCollection services = new();
        services.AddLogging();
        var builder = services.AddQueue();
        _ = engine switch
        {
            "memory" => builder.UseInMemory(),
            "sqlite" => builder.UseSqlite(_file.ConnectionString),
            "postgresql" => builder.UsePostgreSql("Host=localhost;Database=queue"),
            _ => builder.UseMySql("Server=localhost;Database=queue"),
        };
        var provider = services.BuildServiceProvider();
        _ = provider.GetServices<IHostedService>().Count();
        _ = provider.GetService<ITransactionalPublisher>();
        var publisher = provider.GetRequiredService<IPublisher>();
        if (engine is "memory" or "sqlite")
        {
            await publisher.PublishAsync("t", Consumer.MessageOf("a"), TestContext.Current.CancellationToken);
        }

        await Task.Run(
            () =>
            {
                SynchronizationContext.SetSynchronizationContext(new WaitingContext());
                provider.Dispose();
            },
            TestContext.Current.CancellationToken).WaitAsync(TestContext.Current.CancellationToken);

        var publish = () => publisher.PublishAsync("t", Consumer.MessageOf("b"));
        await publish.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_does_not_hang_the_disposal()
    {
        TestHost host = new();
        await host.Hosted.StartAsync(CancellationToken.None);
        await host.PublishAsync("a");
        await host.NextCallAsync();

        await host.UntilAsync(((IAsyncDisposable)host.Hosted).DisposeAsync().AsTask());

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.HandBack);
    }

    [Slow]
    [Fact(Timeout = 600_000)]
    public async Task An_engine_that_hangs_does_not_hang_the_disposal_where_the_clock_stands_still()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = Substitute.For<IQueueEngine>();
        engine.Name.Returns("test");
        engine.RunRoundAsync(null!, CancellationToken.None).ReturnsForAnyArgs(_ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<QueueRoundResult>().Task;
        });
        var host = Build<WaitingHandler>(builder => builder.UseEngine(_ => engine).Services.AddSingleton<TimeProvider>(new FakeTimeProvider()));
        var hosted = host.Services.GetServices<IHostedService>().OfType<QueueHost>().Single();
        await hosted.StartAsync(TestContext.Current.CancellationToken);
        await asked.Task;

        var dispose = () => hosted.DisposeAsync().AsTask().WaitAsync(TestContext.Current.CancellationToken);

        await dispose.Should().NotThrowAsync();
    }

    private async Task<IQueueEngine> OpenAsync(string engine)
    {
        if (engine == "memory")
        {
            return _memory;
        }

        await _file.InitializeAsync();
        return await _file.OpenWithRealClockAsync();
    }

    private async Task RunAsync<THandler>(string engine, bool failsWhileHandling, CancellationToken cancellationToken)
        where THandler : class, IMessageHandler
    {
        using var host = Build<THandler>(builder =>
        {
            _ = engine == "memory" ? builder.UseEngine(_ => _memory) : builder.UseSqlite(_file.ConnectionString);
            builder.Services.AddHostedService(provider => new FailingService(failsWhileHandling ? provider.GetRequiredService<Progress>().Started.Task : Task.CompletedTask));
        });
        await host.RunAsync(cancellationToken);
    }

    private IHost Build<THandler>(Action<QueueBuilder> build)
        where THandler : class, IMessageHandler
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerProvider>(_log);
        builder.Services.AddSingleton<Progress>();
        build(builder.Services.AddQueue().AddConsumer<THandler>(TestHost.Topic));
        return builder.Build();
    }

    /// <summary>The context of a thread that is busy and runs nothing that is posted to it.</summary>
    private sealed class WaitingContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    private sealed class Progress
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class FailingService(Task until) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await until.WaitAsync(cancellationToken);
            throw new NotSupportedException();
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class WaitingHandler(Progress progress) : IMessageHandler
    {
        public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            progress.Started.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return Outcome.Done;
        }
    }

    private sealed class FinishingHandler(Progress progress) : IMessageHandler
    {
        public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellationToken.Register(told.SetResult);
            progress.Started.TrySetResult();
            await told.Task;
            return Outcome.Done;
        }
    }

    /// <summary>Fails when what it needs is disposed, and is not told to end before.</summary>
    private sealed class NeedyHandler(Progress progress, Need need) : IMessageHandler
    {
        public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            progress.Started.TrySetResult();
            await need.Gone.Task;
            throw new InvalidOperationException();
        }
    }

    /// <summary>A service that was made after the queue was started, so that it is disposed before it.</summary>
    private sealed class Need(Func<Task> whenGone) : IAsyncDisposable
    {
        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask DisposeAsync()
        {
            Gone.SetResult();
            await whenGone();
        }
    }
}
