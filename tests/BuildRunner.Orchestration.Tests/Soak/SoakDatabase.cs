using System.Data.Common;
using BuildRunner.Servers;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>A database of one engine.</summary>
public abstract class SoakDatabase : IAsyncDisposable
{
    /// <summary>Gets the name by which a process knows the engine.</summary>
    public abstract string Engine { get; }

    public string ConnectionString { get; protected set; } = "";

    /// <summary>Gets the hosts that the processes run on, or <see langword="null"/> if they run on this one.</summary>
    public virtual NetworkHosts? Hosts => null;

    public abstract ValueTask InitializeAsync();

    /// <summary>Looks whether processes that were killed have left the data whole.</summary>
    public virtual Task CheckAsync() => Task.CompletedTask;

    public abstract ValueTask DisposeAsync();

    /// <summary>Counts the messages of each topic.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountMessagesAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT topic, COUNT(*) FROM queue_messages GROUP BY topic";
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<string, long> counts = [];
        while (await reader.ReadAsync())
        {
            counts.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return counts;
    }

    protected abstract Task<DbConnection> ConnectAsync();
}
