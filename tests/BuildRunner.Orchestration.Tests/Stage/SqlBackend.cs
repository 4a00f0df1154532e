using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Tests.Fixtures;
using BuildRunner.Relational;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Data in a database that the test has for itself from when a process first opens it.</summary>
public abstract class SqlBackend : StageBackend
{
    private readonly List<IBuildDatabase> _opened = [];
    private StageDatabases? _databases;
    private SqlFixture? _database;
    private bool _isStarted;

    public sealed override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_isStarted)
        {
            _databases!.Return(_database!, _opened);
            return;
        }

        // It may have no tables that could be emptied.
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }

        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Does what somebody does to the tables by hand.</summary>
    public async Task ExecuteAsync(string sql) => await (await GetAsync()).ExecuteAsync(sql);

    private protected sealed override async Task<(IQueueEngine Engine, IBuildStore Store)> OpenDataAsync(CallHook hook)
    {
        var fixture = await GetAsync();
        var opened = _databases!.Open(fixture);
        _opened.Add(opened);
        HookedDatabase database = new(opened, hook);
        RelationalQueueEngine engine = new(database, TimeProvider.System);
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
