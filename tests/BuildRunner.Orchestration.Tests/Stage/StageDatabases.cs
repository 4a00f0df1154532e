using System.Collections.Concurrent;
using BuildRunner.Orchestration.Tests.Stage;
using BuildRunner.Queue.Tests.Fixtures;
using BuildRunner.Relational;

// Making a database takes longer than most tests do in it.
[assembly: AssemblyFixture(typeof(StageDatabases))]

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The databases of the run, with their connections: a server takes longer to open one than for what a test does on it. One is used by one test at a time, and is empty when a test takes it.</summary>
public sealed class StageDatabases : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Type, ConcurrentBag<SqlFixture>> _free = [];
    private readonly ConcurrentDictionary<SqlFixture, ConcurrentBag<IBuildDatabase>> _closed = [];

    /// <summary>Takes an empty database: one that was given back, or else a new one.</summary>
    public async Task<T> TakeAsync<T>()
        where T : SqlFixture, new()
    {
        if (FreeOf(typeof(T)).TryTake(out var used))
        {
            await used.ExecuteAsync(FormattableString.Invariant(
                $"DELETE FROM queue_builds; DELETE FROM queue_build_documents; DELETE FROM queue_messages; DELETE FROM queue_partitions; UPDATE queue_clock SET microseconds = {EngineFixture.Start.ToUnixTimeMilliseconds() * 1000}"));
            return (T)used;
        }

        T created = new();
        await created.InitializeAsync();
        return created;
    }

    /// <summary>Opens a database as a process does that has not it open.</summary>
    internal IBuildDatabase Open(SqlFixture database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return ClosedOf(database).TryTake(out var closed) ? closed : database.OpenDatabase();
    }

    /// <summary>Gives back a database that has the tables of the queue.</summary>
    /// <param name="database">The database.</param>
    /// <param name="opened">What was opened of it, and is not used any more.</param>
    internal void Return(SqlFixture database, IEnumerable<IBuildDatabase> opened)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(opened);
        foreach (var closed in opened)
        {
            ClosedOf(database).Add(closed);
        }

        FreeOf(database.GetType()).Add(database);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var closed in _closed.Values.SelectMany(static closed => closed))
        {
            await closed.DisposeAsync();
        }

        foreach (var database in _free.Values.SelectMany(static free => free))
        {
            await database.DisposeAsync();
        }
    }

    private ConcurrentBag<IBuildDatabase> ClosedOf(SqlFixture database) => _closed.GetOrAdd(database, static _ => []);

    private ConcurrentBag<SqlFixture> FreeOf(Type type) => _free.GetOrAdd(type, static _ => []);
}
