namespace BuildRunner.Stores.Tests.Suite;

/// <summary>What other processes save while one reads the line of a runner, or does not know yet whether its own save was done.</summary>
public abstract class MeanwhileSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : SqlStoreFixture, new()
{
    [Fact]
    public async Task The_last_build_of_the_highest_priority_may_leave_the_line_while_it_is_read()
    {
        var high = await CreateAsync(Waiting("high", priority: 7));
        var low = await CreateAsync(Waiting("low", priority: 3));
        var reads = 0;
        var slow = Disposed(Fixture.Open(inner => new FaultyDatabase(inner, static () => Task.CompletedTask, beforeRead: async () =>
        {
            if (++reads == 2)
            {
                (await Store.TryUpdateAsync(high.Next() with { Bookkeeping = new() { SlotSince = EngineFixture.Start } }, [], None)).Should().BeTrue();
            }
        })));
        await slow.Engine.StartAsync(None);

        var reading = await slow.Store.ReadLineAsync("ci", new Dictionary<int, string>(), 5, None);

        reads.Should().Be(2);
        (reading.Next, reading.Oldest).Should().Be((low, low), "one waits, and nobody else wakes the line for it");
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_done_although_another_has_saved_its_document_since()
    {
        var build = await CreateAsync(Sample.Build());
        var runs = 0;
        var faulty = Disposed(Fixture.Open(inner => new FaultyDatabase(
            inner,
            static () => Task.CompletedTask,
            before: async () =>
            {
                if (runs == 1)
                {
                    (await Store.TryCommitAsync(new() { Documents = [Document(2)] }, None)).Should().BeTrue();
                }
            },
            afterCommit: () => runs++ == 0 ? throw new TimeoutException() : Task.CompletedTask)));

        (await faulty.Store.TryCommitAsync(new() { Documents = [Document(1)], Updated = [build.Next()], Messages = [Sample.OutgoingMessage("a")] }, None)).Should().BeTrue();

        (await ReadAsync(build.Id)).Should().Be(build.Next());
        (await PublishedAsync()).Should().Equal("a");
        (await Store.ReadDocumentsAsync(["line/ci"], None)).Documents.Should().Equal(Document(2));
    }

    private static BuildDocument Document(long version) => new() { Name = "line/ci", Value = "{}", Version = version };

    private static Build Waiting(string key, int priority) => Sample.Build(key) with { Priority = priority, Bookkeeping = new() { Line = priority } };
}
