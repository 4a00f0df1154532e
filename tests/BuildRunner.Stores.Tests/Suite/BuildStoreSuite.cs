namespace BuildRunner.Stores.Tests.Suite;

/// <summary>The rules for every store. Each group of rules is a suite, and each engine derives each suite.</summary>
public abstract class BuildStoreSuite<TFixture> : IAsyncLifetime
    where TFixture : StoreFixture, new()
{
    protected static readonly CancellationToken None = CancellationToken.None;

    private readonly List<OpenStore> _open = [];

    protected TFixture Fixture { get; } = new();

    private protected IBuildStore Store { get; private set; } = null!;

    /// <summary>Gets who gets what the store publishes.</summary>
    private protected Consumer Consumer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Fixture.Queue.InitializeAsync();
        var open = await OpenAsync();
        Store = open.Store;
        Consumer = new Consumer(open.Engine);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }

        await Fixture.DisposeAsync();
    }

    private protected async Task<OpenStore> OpenAsync() => Disposed(await Fixture.OpenAsync());

    /// <summary>Has the test dispose of what it has opened.</summary>
    private protected OpenStore Disposed(OpenStore open)
    {
        _open.Add(open);
        return open;
    }

    /// <summary>Saves a build that is new.</summary>
    protected async Task<Build> CreateAsync(Build build)
    {
        (await Store.TryCreateAsync(build, [], None)).Should().BeTrue();
        return build;
    }

    protected async Task<Build?> ReadAsync(Guid id) => (await Store.ReadAsync(id, None)).Build;

    /// <summary>Says which messages are delivered, in any order.</summary>
    protected Task<IReadOnlyList<string>> PublishedAsync() => Consumer.DrainAsync(100);
}
