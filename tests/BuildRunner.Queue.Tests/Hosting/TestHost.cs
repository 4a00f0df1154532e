using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A host with a queue in memory, whose time the test moves.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public const string Topic = "orders";

    private readonly ServiceProvider _services;

    public TestHost(Action<ConsumerOptions>? configure = null, Action<QueueBuilder>? build = null)
    {
        Engine = new WatchedEngine(new InMemoryQueueEngine(Time));
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(Script);
        services.AddLogging();
        var builder = services.AddQueue().UseEngine("test", _ => Engine).AddConsumer<TestHandler>(Topic, configure);
        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public TestHandler.Script Script { get; } = new();

    public WatchedEngine Engine { get; }

    public IServiceProvider Services => _services;

    public IPublisher Publisher => _services.GetRequiredService<IPublisher>();

    public IHostedService Hosted => _services.GetServices<IHostedService>().Single();

    public static async Task<TestHost> StartAsync(Action<ConsumerOptions>? configure = null, Action<QueueBuilder>? build = null)
    {
        TestHost host = new(configure, build);
        await host.Hosted.StartAsync(CancellationToken.None);
        return host;
    }

    public Task<PublishResult> PublishAsync(string id, string partition = "p", TimeSpan delay = default) =>
        Publisher.PublishAfterAsync(Topic, Consumer.MessageOf(id, partition), delay);

    /// <summary>Waits for the next delivery while time goes on.</summary>
    public Task<TestHandler.Call> NextCallAsync() => ReadAsync(Script.Calls.Reader);

    /// <summary>Waits until a message was settled while time goes on.</summary>
    public Task<Settlement> NextSettledAsync() => ReadAsync(Engine.Settled.Reader);

    /// <summary>Lets time go on until something has happened. How fast it goes decides nothing: what is asserted are the times of the clock that is moved.</summary>
    public async Task<T> UntilAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            // The threads of the pool get their turn, so that no lease ends because its holder had none.
            await Task.WhenAny(task, Task.Delay(1));
            Time.Advance(TimeSpan.FromMilliseconds(250));
        }

        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        var stopping = Hosted.StopAsync(new CancellationToken(canceled: true));
        await UntilAsync(Task.Run(async () =>
        {
            await stopping;
            return true;
        }));
        await _services.DisposeAsync();
    }

    private Task<T> ReadAsync<T>(System.Threading.Channels.ChannelReader<T> reader) => UntilAsync(reader.ReadAsync().AsTask());
}
