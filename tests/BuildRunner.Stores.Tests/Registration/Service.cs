using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Stores.Tests.Registration;

/// <summary>A service with builds and messages in a database, registered as a program does it.</summary>
internal sealed class Service : IAsyncDisposable
{
    private const string Topic = "orders";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly IHost _host;

    private Service(IHost host) => _host = host;

    private IPublisher Publisher => _host.Services.GetRequiredService<IPublisher>();

    public static async Task<Service> StartAsync(Action<BuildOrchestrationBuilder> use, Action<IServiceCollection>? add = null)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(Channel.CreateUnbounded<string>());
        builder.Services.AddKeyedNoopBuildRunner("ci");
        add?.Invoke(builder.Services);
        var builds = builder.Services.AddBuildOrchestration().AddRunner("ci", static options => options.AcceptedPollDelay = TimeSpan.FromMilliseconds(1)).IgnoreChanges();
        use(builds);

        // Only a consumer that is notified takes the message in time.
        builder.Services.AddQueue().AddConsumer<Handler>(Topic, static options => options.PollInterval = TimeSpan.FromHours(1));
        Service service = new(builder.Build());
        try
        {
            await service._host.StartAsync();
            return service;
        }
        catch
        {
            await ((IAsyncDisposable)service._host).DisposeAsync();
            throw;
        }
    }

    /// <summary>Does what there is to do with builds and messages, each kind of statement at least once.</summary>
    public async Task ExerciseAsync()
    {
        var builds = _host.Services.GetRequiredService<IBuildOrchestrator>();
        var store = _host.Services.GetRequiredService<IBuildStore>();
        var build = await builds.SubmitAsync(new BuildSubmission { Key = "a", OwnerId = "owner", Runner = "ci", Request = new BuildRequest() });
        await builds.WaitForCompletionAsync(build.Id).WaitAsync(Limit);
        (await builds.ListAsync(new BuildQuery { OwnerId = "owner", HasEnded = true })).Builds.Should().ContainSingle();
        (await builds.ListAsync(new BuildQuery())).Builds.Should().ContainSingle();
        (await builds.FindAsync("a"))!.Status.Should().Be(BuildStatus.Succeeded);
        await store.CheckAsync(CancellationToken.None);
        (await store.DeleteEndedAsync(TimeSpan.Zero, 10, CancellationToken.None)).Should().Be(1);

        await PublishAsync("postponed");
        await HandledAsync("postponed");
        await HandledAsync("postponed");
        await PublishAsync("rejected");
        await HandledAsync("rejected");
        var letters = _host.Services.GetRequiredService<IDeadLetters>();
        while ((await letters.ListAsync(Topic)).Letters.Count == 0)
        {
            await Task.Yield();
        }

        (await letters.RedriveAllAsync(Topic)).Should().Be(1);
        await HandledAsync("rejected");
        while (await letters.PurgeAllAsync(Topic) == 0)
        {
            await Task.Yield();
        }
    }

    /// <summary>Submits a build a second time, which is a row that an insert finds.</summary>
    public async Task SubmitTwiceAsync()
    {
        var store = _host.Services.GetRequiredService<IBuildStore>();
        var build = await _host.Services.GetRequiredService<IBuildOrchestrator>().SubmitAsync(
            new BuildSubmission { Key = "twice", OwnerId = "owner", Runner = "ci", Request = new BuildRequest() });

        (await store.TryCreateAsync(build with { Id = Guid.CreateVersion7() }, [], CancellationToken.None)).Should().BeFalse("the key is taken");
    }

    /// <summary>Publishes a message. Only consumers in the same process notice it at once.</summary>
    public async Task PublishAsync(string id) => (await Publisher.PublishAsync(Topic, new Message { PartitionKey = "key", Id = id })).Should().Be(PublishResult.Stored);

    /// <summary>Publishes a message in a transaction of a connection.</summary>
    public async Task PublishAsync(DbConnection connection, string id)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await _host.Services.GetRequiredService<ITransactionalPublisher>().PublishAsync(transaction, [new OutgoingMessage(Topic, new Message { PartitionKey = "key", Id = id })]);
        await transaction.CommitAsync();
    }

    /// <summary>Waits until a message has been handled here.</summary>
    public async Task HandledAsync(string id)
    {
        using CancellationTokenSource limit = new(Limit);
        (await _host.Services.GetRequiredService<Channel<string>>().Reader.ReadAsync(limit.Token)).Should().Be(id);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private sealed class Handler(Channel<string> handled) : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            handled.Writer.TryWrite(delivery.Message.Id);
            return Task.FromResult(delivery switch
            {
                { Message.Id: "rejected" } => Outcome.Reject(new Failure("no")),
                { Message.Id: "postponed", Deliveries: 1 } => Outcome.Postpone(TimeSpan.FromMilliseconds(1)),
                _ => Outcome.Done,
            });
        }
    }
}
