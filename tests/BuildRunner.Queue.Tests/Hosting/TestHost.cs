using System.Threading.Channels;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A host with a queue, in memory unless the test provides one. Its clock advances when nothing else can happen.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public const string Topic = "orders";

    private readonly Channel<bool> _changes;
    private readonly List<TestHost> _all;
    private readonly ServiceProvider _services;

    public TestHost(Action<ConsumerOptions>? configure = null, Action<QueueBuilder>? build = null, IQueueEngine? engine = null)
        : this(null, TimeSpan.Zero, configure, build, engine)
    {
    }

    private TestHost(TestHost? other, TimeSpan clockOffset, Action<ConsumerOptions>? configure, Action<QueueBuilder>? build, IQueueEngine? engine)
    {
        _all = other?._all ?? [];
        _all.Add(this);
        _changes = other?._changes ?? Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        Time = other?.Time ?? new TestClock(Changed);
        Script = other?.Script ?? new TestHandler.Script(Time, Changed);
        Queue = other?.Queue ?? new InMemoryQueueEngine(Time);
        Engine = other?.Engine ?? new WatchedEngine(engine ?? Queue, Changed, Time);
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(new ShiftedClock(Time, clockOffset));
        services.AddSingleton(Script);
        services.AddLogging();
        var builder = services.AddQueue().UseEngine(_ => Engine).AddConsumer<TestHandler>(Topic, configure);
        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Hosted = _services.GetServices<IHostedService>().Single();
    }

    public TestClock Time { get; }

    public TestHandler.Script Script { get; }

    public InMemoryQueueEngine Queue { get; }

    public WatchedEngine Engine { get; }

    public IServiceProvider Services => _services;

    public IPublisher Publisher => _services.GetRequiredService<IPublisher>();

    public IHostedService Hosted { get; }

    private IReadOnlyList<ConsumerPump> Pumps => ((QueueHost)Hosted).Pumps;

    private int RunningPumps => _all.Sum(static host => host.Pumps.Count) - Engine.EndedPumps;

    public static async Task<TestHost> StartAsync(Action<ConsumerOptions>? configure = null, Action<QueueBuilder>? build = null)
    {
        TestHost host = new(configure, build);
        await host.Hosted.StartAsync(CancellationToken.None);
        return host;
    }

    /// <summary>Starts another host on the same queue. Its clock shows another time.</summary>
    public async Task<TestHost> StartAnotherAsync(TimeSpan clockOffset, Action<ConsumerOptions>? configure = null)
    {
        TestHost host = new(this, clockOffset, configure, null, null);
        await host.Hosted.StartAsync(CancellationToken.None);
        return host;
    }

    public Task<PublishResult> PublishAsync(string id, string partition = "p", TimeSpan delay = default) =>
        Publisher.PublishAfterAsync(Topic, Consumer.MessageOf(id, partition), delay);

    /// <summary>Waits for the next delivery while time goes on.</summary>
    public Task<TestHandler.Call> NextCallAsync() => NextAsync(Script.Calls.Reader);

    /// <summary>Waits until a message was settled while time goes on.</summary>
    public Task<Settlement> NextSettledAsync() => NextAsync(Engine.Settled.Reader);

    /// <summary>Waits until the engine was asked something while time goes on.</summary>
    public Task<QueueRound> NextRoundAsync() => NextAsync(Engine.Rounds.Reader);

    /// <summary>Lets time go on until something has happened.</summary>
    public async Task UntilAsync(Task task)
    {
        _ = task.ContinueWith(_ => Changed(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await UntilAsync(() => task.IsCompleted);
        await task;
    }

    /// <summary>
    /// Lets time go on until something is so. It goes from one timer to the next, and only while every pump waits for its timer and every handler for the test: however slow the threads are, nothing is late.
    /// </summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        // What never becomes so fails the test rather than hang it.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();

            // Before the condition, so that all that has led to the stillness is seen. Where no timer has been touched meanwhile, the pumps have waited all the time, and what they wait for has not changed.
            var version = Time.Version;
            var isStill = IsStill() && Time.Version == version;
            if (condition())
            {
                return;
            }

            if (isStill)
            {
                Time.AdvanceToNextTimer(version);
            }
            else
            {
                await _changes.Reader.ReadAsync(patience.Token);
            }
        }
    }

    /// <summary>Stops the host while time goes on.</summary>
    public Task StopAsync(bool isHurried = false)
    {
        Script.IsHurried |= isHurried;
        return UntilAsync(Hosted.StopAsync(new CancellationToken(isHurried)));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(isHurried: true);
        await _services.DisposeAsync();
    }

    private void Changed() => _changes.Writer.TryWrite(true);

    private bool IsStill()
    {
        var running = RunningPumps;
        return running > 0
            && !Engine.IsAtWork
            && Time.WaitingPumps == running
            && _all.Sum(static host => host.Pumps.Sum(static pump => pump.AwaitedHandlers)) == Script.CountWaiting();
    }

    private async Task<T> NextAsync<T>(ChannelReader<T> reader)
        where T : class
    {
        T? item = null;
        await UntilAsync(() => reader.TryRead(out item));
        return item!;
    }
}
