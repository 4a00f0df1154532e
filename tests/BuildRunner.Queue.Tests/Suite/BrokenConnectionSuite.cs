using System.Diagnostics;
using BuildRunner.Relational;
using BuildRunner.Servers;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q12: connections that were cut while nobody used them, and a server that hangs.</summary>
public abstract class BrokenConnectionSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    // More than there are tries, so that each must not take another one of them.
    private const int Connections = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("publish")]
    [InlineData("round")]
    [InlineData("read")]
    [InlineData("letters")]
    public async Task Whatever_is_done_first_survives_that_a_proxy_has_reset_all_idle_connections(string use)
    {
        await using TcpForwarder forwarder = new(Fixture.Port);
        await using var database = Fixture.OpenDatabase($";Port={forwarder.Port}");
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        await FillPoolAsync(engine, database);

        forwarder.Reset();

        await UseAsync(use, engine, database, CancellationToken.None);
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("round")]
    [InlineData("read")]
    [InlineData("letters")]
    public async Task Whatever_is_done_first_survives_that_the_server_has_ended_all_idle_connections(string use)
    {
        await using var database = Fixture.OpenDatabase();
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        await FillPoolAsync(engine, database);

        await Fixture.CutConnectionsAsync();

        await UseAsync(use, engine, database, CancellationToken.None);
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("round")]
    [InlineData("read")]
    [InlineData("letters")]
    public async Task Whatever_waits_for_a_server_that_hangs_ends_with_its_token(string use)
    {
        await using TcpForwarder forwarder = new(Fixture.Port);
        await using var database = Fixture.OpenDatabase($";Port={forwarder.Port};Command Timeout=600");
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        await FillPoolAsync(engine, database);
        using CancellationTokenSource stop = new();
        forwarder.Hold();

        var waiting = UseAsync(use, engine, database, stop.Token);
        await stop.CancelAsync();

        var ended = () => waiting.WaitAsync(TimeSpan.FromMinutes(2));
        try
        {
            await ended.Should().ThrowAsync<OperationCanceledException>();
        }
        finally
        {
            forwarder.Release();
        }
    }

    [Fact]
    public async Task A_host_that_is_gone_in_the_middle_of_a_transaction_does_not_keep_what_it_has_locked()
    {
        await Consumer.PublishAsync("a");
        await using TcpForwarder cable = new(Fixture.Port);
        await using var database = Fixture.OpenDatabase($";Port={cable.Port}");
        TaskCompletionSource isLocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource isBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = database.RunAsync(
            async session =>
            {
                await session.LockForRoundAsync(Consumer.Topic, ["p"], 0, 0, CancellationToken.None);
                cable.Hold();
                isLocked.SetResult();
                await isBack.Task;
                return 0;
            },
            CancellationToken.None);
        await isLocked.Task;
        (await Consumer.ClaimIdsAsync()).Should().BeEmpty("the partition is locked");

        IReadOnlyList<string> claimed = [];
        for (var waited = Stopwatch.StartNew(); claimed.Count == 0 && waited.Elapsed < Patience;)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            claimed = await Consumer.ClaimIdsAsync();
        }

        claimed.Should().Equal("a");
        cable.Release();
        isBack.SetResult();
        var commit = () => gone;
        var undone = (await commit.Should().ThrowAsync<Exception>("the server has undone it")).Which;
        database.KindOf(undone).Should().Be(FailureKind.Transient);
    }

    private static Task UseAsync(string use, RelationalQueueEngine engine, IBuildDatabase database, CancellationToken cancellationToken) => use switch
    {
        "publish" => engine.PublishAsync([new OutgoingMessage("t", Consumer.MessageOf("a"))], cancellationToken),
        "round" => engine.RunRoundAsync(new QueueRound { Topic = "t", Policy = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), LeaseDuration = TimeSpan.FromSeconds(30), Limit = 10 }, cancellationToken),
        "letters" => engine.PurgeAsync("t", [new MessageKey { PartitionKey = "p", Id = "a" }], cancellationToken),
        _ => new RelationalBuildStore(engine, database).ReadAsync("key", cancellationToken),
    };

    /// <summary>Has so many connections in the pool that nobody uses.</summary>
    private static async Task FillPoolAsync(RelationalQueueEngine engine, IBuildDatabase database)
    {
        await engine.StartAsync(CancellationToken.None);
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => database.RunAsync(
            async session =>
            {
                await session.LockForRoundAsync("t", [], 0, 0, CancellationToken.None);
                if (Interlocked.Increment(ref open) == Connections)
                {
                    all.SetResult();
                }

                await all.Task;
                return 0;
            },
            CancellationToken.None)));
    }
}
