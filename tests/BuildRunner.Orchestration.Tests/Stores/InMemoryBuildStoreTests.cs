using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration.Tests.Stores;

/// <summary>The properties of the store in memory beyond those of all stores.</summary>
public sealed class InMemoryBuildStoreTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancelled = new(canceled: true);

    private readonly InMemoryQueueEngine _engine = new(TimeProvider.System);
    private readonly InMemoryBuildStore _store;

    public InMemoryBuildStoreTests() => _store = new(_engine, TimeProvider.System);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task A_token_that_is_cancelled_is_honoured_and_nothing_is_done()
    {
        var build = NewBuild();
        Func<Task>[] calls =
        [
            () => _store.ReadAsync(build.Id, Cancelled),
            () => _store.ReadAsync(build.Key, Cancelled),
            () => _store.ReadAsync(build.Runner, new BuildId("1"), Cancelled),
            () => _store.ListAsync(new BuildQuery(), Cancelled),
            () => _store.TryCreateAsync(build, [], Cancelled),
            () => _store.TryUpdateAsync(build, [], Cancelled),
            () => _store.DeleteEndedAsync(TimeSpan.FromDays(1), 1, Cancelled),
        ];

        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<OperationCanceledException>();
        }

        (await _store.ReadAsync(build.Id, CancellationToken.None)).Build.Should().BeNull();
    }

    [Fact]
    public async Task Messages_that_cannot_be_published_leave_no_record()
    {
        var build = NewBuild();

        await _store.Invoking(store => store.TryCreateAsync(build, [null!], CancellationToken.None)).Should().ThrowAsync<ArgumentException>();

        (await _store.ReadAsync(build.Id, CancellationToken.None)).Build.Should().BeNull();
    }

    [Fact]
    public async Task Messages_that_cannot_be_published_leave_none_of_those_before_them()
    {
        OutgoingMessage fit = new("test", new Message { PartitionKey = "1", Id = "1" });

        await _store.Invoking(store => store.TryCreateAsync(NewBuild(), [fit, null!], CancellationToken.None)).Should().ThrowAsync<ArgumentException>();

        (await _engine.PublishAsync([fit], CancellationToken.None)).Should().Equal(PublishResult.Stored);
    }

    private static Build NewBuild()
    {
        var id = Guid.CreateVersion7();
        return new()
        {
            Id = id,
            Key = "build-1",
            OwnerId = "queue-1",
            Runner = "ci",
            Request = new BuildRequest { TriggerKey = id.ToString() },
            CreatedAt = StageBackend.Start,
            UpdatedAt = StageBackend.Start,
            Deadline = StageBackend.Start.AddHours(6),
        };
    }
}
