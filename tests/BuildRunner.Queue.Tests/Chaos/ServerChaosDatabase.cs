using BuildRunner.Servers;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>A database on a server of its own, which is taken away from nobody else.</summary>
public abstract class ServerChaosDatabase<TServer> : ChaosDatabase
    where TServer : DatabaseServer
{
    protected TServer? Server { get; private set; }

    public override async ValueTask InitializeAsync()
    {
        Server = await TestServers.GetAsync(StartAsync());
        ConnectionString = await Server.CreateDatabaseAsync();
    }

    public override async Task InterruptAsync(bool kills)
    {
        await (kills ? Server!.KillAsync() : Server!.StopAsync());
        await Server.StartAgainAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract Task<TServer> StartAsync();
}
