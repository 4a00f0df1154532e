using BuildRunner.Queue;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>The handlers on a runner and a store that are substitutes. The store holds one build and saves by compare-and-set, as every store does.</summary>
internal sealed class HandlerFixture : IAsyncDisposable
{
    public static readonly BuildId RemoteId = new("remote-1");

    private readonly ServiceProvider _services;

    public HandlerFixture(IBuildRunner? runner = null)
    {
        Runner = runner ?? Substitute.For<IBuildRunner, IBuildFinder>();
        Current = NewBuild();
        Store.ReadAsync(Arg.Any<Guid>(), Arg.Any<CancellationToken>()).Returns(_ => new BuildReading(Current, Now));
        Store.TryUpdateAsync(Arg.Any<Build>(), Arg.Any<IReadOnlyList<Publication>>(), Arg.Any<CancellationToken>()).Returns(call => TryUpdate(call.Arg<Build>(), call.Arg<IReadOnlyList<Publication>>(), call.Arg<CancellationToken>()));
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        services.AddQueue().UseInMemory();
        services.AddKeyedSingleton("ci", Runner);
        services.AddBuildOrchestration().AddRunner("ci", static options => options.CallsPerSecond = null);
        services.AddSingleton(Store);
        _services = services.BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public DateTimeOffset Now => Time.GetUtcNow();

    public IBuildStore Store { get; } = Substitute.For<IBuildStore>();

    public IBuildRunner Runner { get; }

    public IBuildFinder Finder => (IBuildFinder)Runner;

    /// <summary>Gets or sets the record that the store has, or null for none.</summary>
    public Build? Current { get; set; }

    /// <summary>Gets what somebody else does just before each of the next saves, which is lost by it.</summary>
    public Queue<Func<Build, Build>> Interferences { get; } = new();

    /// <summary>Gets or sets how many of the next saves fail.</summary>
    public int Failures { get; set; }

    public List<(Build Build, IReadOnlyList<Publication> Publications, CancellationToken Token)> Saved { get; } = [];

    public Build NewBuild()
    {
        var id = Guid.CreateVersion7(Now);
        return new()
        {
            Id = id,
            Key = "build-1",
            OwnerId = "queue-1",
            Runner = "ci",
            Request = new BuildRequest { Head = [Submissions.Change], TriggerKey = id.ToString() },
            CreatedAt = Now,
            UpdatedAt = Now,
            Deadline = Now.AddHours(6),
        };
    }

    public Build Running() => NewBuild() with { BuildId = RemoteId, Status = BuildStatus.Running, TriggerAttemptedAt = Now, Version = 3 };

    public async Task<Outcome> DeliverAsync<THandler>(DeadLetterCause? cause = null, CancellationToken cancellationToken = default)
        where THandler : IMessageHandler
    {
        await using var scope = _services.CreateAsyncScope();
        var id = (Current?.Id ?? Guid.CreateVersion7()).ToString();
        return await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(
            new Delivery { Message = new Message(id, id, ReadOnlyMemory<byte>.Empty), Topic = "test", DueAt = Now, DeadLetterCause = cause }, cancellationToken);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private bool TryUpdate(Build build, IReadOnlyList<Publication> publications, CancellationToken cancellationToken)
    {
        if (Failures > 0)
        {
            Failures--;
            throw new InvalidOperationException("The database is away.");
        }

        if (Interferences.TryDequeue(out var interfere))
        {
            Current = interfere(Current!) with { Version = Current!.Version + 1 };
        }

        if (build.Version != Current!.Version + 1)
        {
            return false;
        }

        Current = build;
        Saved.Add((build, publications, cancellationToken));
        return true;
    }
}
