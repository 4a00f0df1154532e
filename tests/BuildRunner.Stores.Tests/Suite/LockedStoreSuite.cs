namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Effects of other clients that lock rows, and of a server that restarts.</summary>
public abstract class LockedStoreSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : RowLockingStoreFixture, new()
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task What_another_has_locked_is_left_out_by_a_delete_and_not_waited_for()
    {
        var locked = await CreateAsync(Sample.Build("locked", status: BuildStatus.Failed, updatedAt: EngineFixture.Start - Day - Day));
        await CreateAsync(Sample.Build("free", status: BuildStatus.Failed, updatedAt: EngineFixture.Start - Day));
        await using var connection = await Fixture.Sql.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE queue_builds SET note = 'changed' WHERE build_key = 'locked'";
        await command.ExecuteNonQueryAsync();

        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(1);

        await transaction.RollbackAsync();
        (await Store.ListAsync(new BuildQuery(), None)).Builds.Should().Equal(locked);
        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_is_locked_holds_up_no_other()
    {
        var locked = await CreateAsync(Sample.Build("locked"));
        var free = await CreateAsync(Sample.Build("free"));
        await using var connection = await Fixture.Sql.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE queue_builds SET version = version + 1 WHERE build_key = 'locked'";
        await command.ExecuteNonQueryAsync();

        (await Store.TryUpdateAsync(free.Next(), [Sample.OutgoingMessage("a")], None)).Should().BeTrue();
        await CreateAsync(Sample.Build("new"));
        var waiting = Store.TryUpdateAsync(locked.Next(), [Sample.OutgoingMessage("b")], None);
        await transaction.CommitAsync();

        (await waiting).Should().BeFalse();
        (await PublishedAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task Of_saves_that_come_together_one_of_a_locked_build_holds_up_no_other()
    {
        const int Together = 40;
        var store = Disposed(Fixture.Open(static database => database, ";Command Timeout=600")).Store;
        var builds = await Task.WhenAll(Enumerable.Range(0, Together).Select(i => CreateAsync(Sample.Build($"key{i}"))));
        await using var connection = await Fixture.Sql.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE queue_builds SET note = 'changed' WHERE build_key = 'key17'";
        await command.ExecuteNonQueryAsync();

        var saves = builds.Select(build => store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage(build.Key)], None)).ToArray();

        (await Task.WhenAll(saves.Where(static (_, i) => i != 17)).WaitAsync(TimeSpan.FromMinutes(1))).Should().AllBeEquivalentTo(true);
        saves[17].IsCompleted.Should().BeFalse();
        await transaction.RollbackAsync();
        (await saves[17]).Should().BeTrue();
        (await PublishedAsync()).Should().BeEquivalentTo(builds.Select(static build => build.Key));
    }

    [Fact]
    public async Task Saves_that_come_together_and_fail_for_no_fault_of_their_own_are_not_tried_alone()
    {
        const int Together = 40;
        TimeoutException cause = new();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FaultyDatabase? database = null;
        var faulty = Disposed(Fixture.Open(inner => database = new FaultyDatabase(inner, () => Task.FromException(cause), before: () => gate.Task)));

        var saves = Enumerable.Range(0, Together).Select(i => faulty.Store.TryCreateAsync(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")], None)).ToArray();
        gate.SetResult();

        await Task.WhenAll(saves).ContinueWith(static _ => { }, TaskScheduler.Default);
        saves.Select(static save => save.Exception?.InnerException).Should().OnlyContain(failure => failure == cause);
        database!.Faults.Should().BePositive().And.BeLessThan(Together, "saves share transactions");
    }

    [Fact]
    public async Task A_save_whose_connection_is_cut_before_the_commit_is_done_again_as_a_whole()
    {
        FaultyDatabase? database = null;
        var faulty = Disposed(Fixture.Open(inner => database = new FaultyDatabase(inner, () => database!.Faults == 1 ? Fixture.RowLocking.CutConnectionsAsync() : Task.CompletedTask)));
        var build = Sample.Build();

        (await faulty.Store.TryCreateAsync(build, [Sample.OutgoingMessage("a")], None)).Should().BeTrue();

        database!.Faults.Should().Be(2);
        (await ReadAsync(build.Id)).Should().Be(build);
        (await PublishedAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_read_survives_that_all_connections_were_cut()
    {
        var build = await CreateAsync(Sample.Build());
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => ReadAsync(build.Id))));

        await Fixture.RowLocking.CutConnectionsAsync();

        (await ReadAsync(build.Id)).Should().Be(build);
    }
}
