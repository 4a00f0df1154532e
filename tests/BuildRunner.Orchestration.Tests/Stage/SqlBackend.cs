using BuildRunner.Queue.Tests.Fixtures;
using BuildRunner.Relational;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Data in a database of its own, which is made when a process first opens it.</summary>
public abstract class SqlBackend : StageBackend
{
    private readonly SqlFixture _fixture;
    private readonly Lazy<Task> _initialized;
    private readonly List<RelationalQueueEngine> _engines = [];

    protected SqlBackend(SqlFixture fixture)
    {
        _fixture = fixture;
        _initialized = new(() => fixture.InitializeAsync().AsTask());
    }

    public sealed override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await _fixture.DisposeAsync();
    }

    private protected sealed override async Task<(IQueueEngine Engine, IBuildStore Store)> OpenDataAsync(CallHook hook)
    {
        await _initialized.Value;
        HookedDatabase database = new(_fixture.OpenDatabase(), hook);
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        _engines.Add(engine);
        return (engine, new RelationalBuildStore(engine, database));
    }

    protected sealed override async Task AdvanceDataAsync(TimeSpan by)
    {
        await _initialized.Value;
        await _fixture.AdvanceAsync(by);
    }
}
