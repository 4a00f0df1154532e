using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>A store in a table beside those of a queue.</summary>
public abstract class SqlStoreFixture : StoreFixture
{
    public sealed override EngineFixture Queue => Sql;

    /// <summary>Gets the queue.</summary>
    public abstract SqlFixture Sql { get; }

    public sealed override Task<OpenStore> OpenAsync() => Task.FromResult(Open(static database => database));

    /// <summary>Opens the store on a database that is made of the real one.</summary>
    public OpenStore Open(Func<IBuildDatabase, IBuildDatabase> decorate)
    {
        ArgumentNullException.ThrowIfNull(decorate);
        var database = decorate(Sql.OpenDatabase());
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        return new(engine, new RelationalBuildStore(engine, database));
    }
}
