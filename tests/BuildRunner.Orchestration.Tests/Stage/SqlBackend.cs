using BuildRunner.Queue.Tests.Fixtures;
using BuildRunner.Relational;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Data in a database that the test has for itself from when a process first opens it.</summary>
public abstract class SqlBackend : StageBackend
{
    private readonly List<RelationalQueueEngine> _engines = [];
    private StageDatabases? _databases;
    private SqlFixture? _database;
    private bool _isStarted;

    public sealed override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        if (_isStarted)
        {
            _databases!.Return(_database!);
        }
        else if (_database is not null)
        {
            // It may have no tables that could be emptied.
            await _database.DisposeAsync();
        }
    }

    private protected sealed override async Task<(IQueueEngine Engine, IBuildStore Store)> OpenDataAsync(CallHook hook)
    {
        HookedDatabase database = new((await GetAsync()).OpenDatabase(), hook);
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        _engines.Add(engine);
        await engine.StartAsync(CancellationToken.None);
        _isStarted = true;
        return (engine, new RelationalBuildStore(engine, database));
    }

    protected sealed override async Task AdvanceDataAsync(TimeSpan by) => await (await GetAsync()).AdvanceAsync(by);

    private protected abstract Task<SqlFixture> TakeAsync(StageDatabases databases);

    private async Task<SqlFixture> GetAsync()
    {
        _databases ??= (await TestContext.Current.GetFixture<StageDatabases>())!;
        return _database ??= await TakeAsync(_databases);
    }
}
