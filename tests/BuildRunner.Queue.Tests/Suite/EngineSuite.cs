namespace BuildRunner.Queue.Tests.Suite;

/// <summary>The rules for every engine. Each group of rules is a suite, and each engine derives each suite.</summary>
public abstract class EngineSuite<TFixture> : IAsyncLifetime
    where TFixture : EngineFixture, new()
{
    protected static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    protected static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly List<IQueueEngine> _others = [];

    protected TFixture Fixture { get; } = new();

    private protected Consumer Consumer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Fixture.InitializeAsync();
        Consumer = new Consumer(await OpenAsync());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var engine in _others)
        {
            await engine.DisposeAsync();
        }

        await Fixture.DisposeAsync();
    }

    protected Task AdvanceAsync(TimeSpan by) => Fixture.AdvanceAsync(by);

    private protected async Task<IQueueEngine> OpenAsync() => Disposed(await Fixture.OpenAsync());

    /// <summary>Has the test dispose of what it has opened.</summary>
    private protected IQueueEngine Disposed(IQueueEngine engine)
    {
        _others.Add(engine);
        return engine;
    }

    private protected async Task<Consumer> OpenConsumerAsync() => new(await OpenAsync());

    /// <summary>Lets a lease end that nobody settles, as when a process is killed.</summary>
    protected Task LetLeasesEndAsync() => AdvanceAsync(Consumer.LeaseDuration);
}
