using System.Collections.Concurrent;
using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue.Tests.Fixtures;

// Making a database takes longer than most tests do in it.
[assembly: AssemblyFixture(typeof(StageDatabases))]

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The databases of the run. One is used by one test at a time, and is empty when a test takes it.</summary>
public sealed class StageDatabases : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Type, ConcurrentBag<SqlFixture>> _free = [];

    /// <summary>Takes an empty database: one that was given back, or else a new one.</summary>
    public async Task<T> TakeAsync<T>()
        where T : SqlFixture, new()
    {
        if (FreeOf(typeof(T)).TryTake(out var used))
        {
            await used.ExecuteAsync(FormattableString.Invariant(
                $"DELETE FROM queue_builds; DELETE FROM queue_messages; DELETE FROM queue_partitions; UPDATE queue_clock SET microseconds = {EngineFixture.Start.ToUnixTimeMilliseconds() * 1000}"));
            return (T)used;
        }

        T created = new();
        await created.InitializeAsync();
        return created;
    }

    /// <summary>Gives a database back that has the tables of the queue and that nobody has open any more.</summary>
    public void Return(SqlFixture database)
    {
        ArgumentNullException.ThrowIfNull(database);
        FreeOf(database.GetType()).Add(database);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _free.Values.SelectMany(static free => free))
        {
            await database.DisposeAsync();
        }
    }

    private ConcurrentBag<SqlFixture> FreeOf(Type type) => _free.GetOrAdd(type, static _ => []);
}
