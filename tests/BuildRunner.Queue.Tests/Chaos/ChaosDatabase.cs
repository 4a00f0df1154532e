using System.Data.Common;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>A database of one engine, with a server of its own where it needs one, that the chaos can do things to.</summary>
public abstract class ChaosDatabase : IAsyncDisposable
{
    /// <summary>Gets the name by which a process of consumers knows the engine.</summary>
    public abstract string Engine { get; }

    public string ConnectionString { get; protected set; } = "";

    public abstract ValueTask InitializeAsync();

    public abstract Task<DbConnection> ConnectAsync();

    /// <summary>Looks whether a process that was killed has left the data whole.</summary>
    public virtual Task CheckAsync() => Task.CompletedTask;

    /// <summary>Takes the server away from everybody and brings it back. Does nothing if there is no server.</summary>
    /// <param name="kills">Whether to kill it, or else to stop it in an orderly way.</param>
    public virtual Task InterruptAsync(bool kills) => Task.CompletedTask;

    public abstract ValueTask DisposeAsync();

    public async Task<IReadOnlyList<(string Key, long Value)>> QueryAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        List<(string, long)> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }
}
