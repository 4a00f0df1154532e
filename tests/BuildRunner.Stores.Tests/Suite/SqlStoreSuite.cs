using System.Data.Common;
using System.Transactions;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Tests for stores in a database: other processes, other versions of the tables, and failures halfway.</summary>
public abstract class SqlStoreSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : SqlStoreFixture, new()
{
    [Fact]
    public async Task A_process_sees_at_once_what_another_has_saved()
    {
        var other = await OpenAsync();
        var build = await CreateAsync(Sample.Build());

        (await other.Store.ReadAsync(build.Id, None)).Build.Should().Be(build);
        (await other.Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("a")], None)).Should().BeTrue();
        (await ReadAsync(build.Id)).Should().Be(build.Next());
        (await PublishedAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_check_fails_while_nothing_can_be_stored_although_it_can_be_read()
    {
        await Store.CheckAsync(None);
        await Fixture.Sql.RefuseWritesAsync();

        var check = () => Store.CheckAsync(None);

        await check.Should().ThrowAsync<DbException>();
        (await Store.ReadAsync("key", None)).Build.Should().BeNull();
        await Fixture.Sql.TakeWritesAsync();
        await check.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Builds_outlive_the_process()
    {
        var build = await CreateAsync(Sample.Build() with { RemoteId = new BuildId("1") });
        await Consumer.Engine.DisposeAsync();

        var next = await OpenAsync();

        (await next.Store.ReadAsync(build.Id, None)).Build.Should().Be(build);
        (await next.Store.ListAsync(new BuildQuery(), None)).Builds.Should().Equal(build);
    }

    [Fact]
    public async Task A_closed_store_refuses_to_read_and_to_save()
    {
        var closed = await OpenAsync();
        await closed.Store.ReadAsync("key", None);
        await closed.DisposeAsync();

        var read = () => closed.Store.ReadAsync("key", None);
        var save = () => closed.Store.TryCreateAsync(Sample.Build(), [], None);

        await read.Should().ThrowAsync<ObjectDisposedException>();
        await save.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_database_of_the_first_version_gets_its_builds_and_keeps_its_messages()
    {
        await CreateFirstVersionAsync();
        await Fixture.Sql.ExecuteAsync("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('orders', 'p', 'old', ''); INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('orders', 'p', 0);");

        (await Store.TryCreateAsync(Sample.Build(), [Sample.OutgoingMessage("new")], None)).Should().BeTrue();

        (await PublishedAsync()).Should().BeEquivalentTo("old", "new");
        (await Fixture.Sql.CountAsync("SELECT version FROM queue_schema")).Should().Be(3);
        (await Fixture.Sql.CountAsync("SELECT oldest FROM queue_schema")).Should().Be(3, "an older program would not know what its builds need");
    }

    [Fact]
    public async Task A_database_of_a_version_that_was_never_released_is_refused()
    {
        await Store.CheckAsync(None);
        await Fixture.Sql.ExecuteAsync("UPDATE queue_schema SET version = 2, oldest = 1");

        var use = async () => await (await OpenAsync()).Store.CheckAsync(None);

        await use.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task The_first_use_makes_the_tables_whatever_it_is()
    {
        Func<IBuildStore, Task>[] uses =
        [
            static store => store.ReadAsync(Guid.NewGuid(), None), static store => store.ListAsync(new BuildQuery(), None), static store => store.DeleteEndedAsync(TimeSpan.Zero, 1, None),
            static store => store.TryUpdateAsync(Sample.Build().Next(), [], None),
        ];
        foreach (var use in uses)
        {
            await use((await OpenAsync()).Store);
            await Fixture.Sql.ExecuteAsync("DROP TABLE queue_builds; DROP TABLE queue_build_documents; DROP TABLE queue_messages; DROP TABLE queue_partitions; DROP TABLE queue_schema;");
        }
    }

    [Fact]
    public async Task Where_a_message_cannot_be_published_nothing_is_saved()
    {
        var build = await CreateAsync(Sample.Build());
        var faulty = Disposed(Fixture.Open(static database => new FaultyDatabase(database, static () => throw new NotSupportedException())));

        var create = () => faulty.Store.TryCreateAsync(Sample.Build("other"), [Sample.OutgoingMessage("a")], None);
        var update = () => faulty.Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("b")], None);

        await create.Should().ThrowAsync<NotSupportedException>();
        await update.Should().ThrowAsync<NotSupportedException>();
        (await Store.ReadAsync("other", None)).Build.Should().BeNull();
        (await ReadAsync(build.Id)).Should().Be(build);
        (await Fixture.Queue.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_done_again_as_a_whole()
    {
        FaultyDatabase? database = null;
        var faulty = Disposed(Fixture.Open(inner => database = new FaultyDatabase(inner, () => database!.Faults is 1 or 2 or 4 ? throw new TimeoutException() : Task.CompletedTask)));
        var build = Sample.Build();

        (await faulty.Store.TryCreateAsync(build, [Sample.OutgoingMessage("a")], None)).Should().BeTrue();
        (await faulty.Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("b")], None)).Should().BeTrue();

        database!.Faults.Should().Be(5);
        (await ReadAsync(build.Id)).Should().Be(build.Next());
        (await PublishedAsync()).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task What_is_not_saved_publishes_nothing()
    {
        await CreateAsync(Sample.Build());

        (await Store.TryCreateAsync(Sample.Build(), [Sample.OutgoingMessage("a")], None)).Should().BeFalse();
        (await Store.TryUpdateAsync(Sample.Build().Next(), [Sample.OutgoingMessage("b")], None)).Should().BeFalse();

        (await Fixture.Queue.SizeAsync()).Should().Be((0, 0), "no partition is left behind");
    }

    [Fact]
    public async Task A_save_is_done_although_the_answer_to_its_commit_was_lost()
    {
        var losesNext = false;
        var faulty = Disposed(Fixture.Open(inner => new FaultyDatabase(inner, static () => Task.CompletedTask, afterCommit: () =>
        {
            var loses = losesNext;
            losesNext = false;
            return loses ? throw new TimeoutException() : Task.CompletedTask;
        })));
        var build = Sample.Build();

        losesNext = true;
        (await faulty.Store.TryCreateAsync(build, [Sample.OutgoingMessage("a")], None)).Should().BeTrue();
        losesNext.Should().BeFalse();
        losesNext = true;
        (await faulty.Store.TryUpdateAsync(build.Next(), [], None)).Should().BeTrue();
        losesNext.Should().BeFalse();
        losesNext = true;
        (await faulty.Store.TryUpdateAsync(build.Next().Next(), [Sample.OutgoingMessage("b")], None)).Should().BeTrue();

        (await ReadAsync(build.Id)).Should().Be(build.Next().Next());
        (await PublishedAsync()).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task A_save_that_failed_is_not_done_where_another_has_come_before_its_next_try()
    {
        var build = await CreateAsync(Sample.Build());
        var others = build.Next() with { Note = "another's" };
        var isFirst = true;
        var overtaken = Disposed(Fixture.Open(inner => new FaultyDatabase(inner, static () => Task.CompletedTask, before: async () =>
        {
            if (isFirst)
            {
                isFirst = false;
                (await Store.TryUpdateAsync(others, [], None)).Should().BeTrue();
                throw new TimeoutException();
            }
        })));

        (await overtaken.Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("a")], None)).Should().BeFalse();

        (await ReadAsync(build.Id)).Should().Be(others);
        (await PublishedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Builds_that_are_asked_for_while_others_are_read_are_read_together()
    {
        var builds = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => CreateAsync(Sample.Build($"{i}"))));
        await Fixture.Sql.ExecuteAsync("UPDATE queue_builds SET request = 'none' WHERE build_key = '50'");
        TaskCompletionSource gate = new();
        var statements = 0;
        var gated = Disposed(Fixture.Open(inner => new FaultyDatabase(inner, static () => Task.CompletedTask, beforeRead: () =>
        {
            Interlocked.Increment(ref statements);
            return gate.Task;
        })));
        await gated.Engine.StartAsync(None);
        using CancellationTokenSource cancellation = new();

        List<Task<BuildReading>> first = [];
        while (first.Count < 4)
        {
            first.Add(gated.Store.ReadAsync(builds[first.Count].Id, None));
            while (Volatile.Read(ref statements) < first.Count)
            {
                await Task.Yield();
            }
        }

        var later = builds.Select(build => gated.Store.ReadAsync(build.Id, None)).ToArray();
        var unknown = gated.Store.ReadAsync(Guid.NewGuid(), None);
        var canceled = gated.Store.ReadAsync(builds[0].Id, cancellation.Token);
        await cancellation.CancelAsync();
        await canceled.Awaiting(static read => read).Should().ThrowAsync<OperationCanceledException>();
        later.Should().OnlyContain(static read => !read.IsCompleted);
        gate.SetResult();

        (await Task.WhenAll(first)).Select(static reading => reading.Build).Should().Equal(builds[..4]);
        (await unknown).Build.Should().BeNull();
        await later[50].Awaiting(static read => read).Should().ThrowAsync<System.Text.Json.JsonException>("one that cannot be read fails alone");
        (await Task.WhenAll(later.Where((_, i) => i != 50))).Select(static reading => reading.Build).Should().Equal(builds.Where((_, i) => i != 50));
        statements.Should().Be(5);
    }

    [Theory]
    [InlineData("request = 'none'")]
    [InlineData("created_at = 1764460800000000")]
    [InlineData("id = 'none'")]
    public async Task A_build_that_cannot_be_read_is_left_out_of_a_page_and_hides_no_other(string change)
    {
        var builds = await Task.WhenAll(Enumerable.Range(0, 7).Select(i => CreateAsync(Sample.Build($"{i}"))));
        await Fixture.Sql.ExecuteAsync($"UPDATE queue_builds SET {change} WHERE build_key = '3'");
        List<Build> listed = [];
        Guid? after = null;
        do
        {
            var page = await Store.ListAsync(new BuildQuery { Limit = 2, After = after }, None);
            listed.AddRange(page.Builds);
            after = page.Next;
        }
        while (after is not null);

        listed.Should().BeEquivalentTo(builds.Where(static build => build.Key != "3"));
    }

    [Fact]
    public async Task A_read_does_not_wait_for_a_change_that_is_not_committed_and_does_not_see_it()
    {
        var build = await CreateAsync(Sample.Build(status: BuildStatus.Running));
        await using var connection = await Fixture.Sql.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE queue_builds SET note = 'not yet'";
        await command.ExecuteNonQueryAsync();

        (await ReadAsync(build.Id)).Should().Be(build);
        (await Store.ReadAsync(build.Key, None)).Build.Should().Be(build);
        (await Store.ListAsync(new BuildQuery { Status = BuildStatus.Running }, None)).Builds.Should().Equal(build);
        (await Store.DeleteEndedAsync(TimeSpan.Zero, 10, None)).Should().Be(0);

        await transaction.CommitAsync();
        (await ReadAsync(build.Id))!.Note.Should().Be("not yet");
    }

    [Fact]
    public async Task Many_that_read_and_save_at_once_are_all_served()
    {
        const int Builds = 200;
        var other = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, Builds).Select(i => Task.Run(async () =>
        {
            var store = i % 2 == 0 ? Store : other.Store;
            var build = Sample.Build($"{i}");
            (await store.TryCreateAsync(build, [Sample.OutgoingMessage($"{i}")], None)).Should().BeTrue();
            (await store.ReadAsync(build.Key, None)).Build.Should().Be(build);
            (await store.TryUpdateAsync(build.Next(), [], None)).Should().BeTrue();
            (await store.ReadAsync(build.Id, None)).Build.Should().Be(build.Next());
        })));

        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, Builds).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_save_and_a_read_do_not_take_part_in_a_scope_around_them()
    {
        var build = Sample.Build();
        using (TransactionScope scope = new(TransactionScopeAsyncFlowOption.Enabled))
        {
            (await Store.TryCreateAsync(build, [Sample.OutgoingMessage("a")], None)).Should().BeTrue();
            (await Store.TryUpdateAsync(build.Next(), [], None)).Should().BeTrue();
            (await ReadAsync(build.Id)).Should().Be(build.Next());
        }

        (await ReadAsync(build.Id)).Should().Be(build.Next());
        (await PublishedAsync()).Should().Equal("a");
    }

    [Theory]
    [InlineData(null, null, BuildStatus.Failed, null, "queue_builds_status")]
    [InlineData(null, null, null, false, "queue_builds_status")]
    [InlineData("owner", null, null, null, "queue_builds_owner")]
    [InlineData("owner", null, BuildStatus.Failed, null, "queue_builds_owner")]
    [InlineData("owner", null, null, true, "queue_builds_owner")]
    [InlineData(null, "ci", null, null, "queue_builds_runner")]
    [InlineData(null, "ci", BuildStatus.Failed, null, "queue_builds_runner")]
    [InlineData(null, "ci", null, false, "queue_builds_runner")]
    [InlineData("owner", "ci", null, null, "queue_builds_owner_runner")]
    [InlineData("owner", "ci", BuildStatus.Failed, null, "queue_builds_owner_runner")]
    [InlineData("owner", "ci", null, true, "queue_builds_owner_runner")]
    public async Task A_page_is_read_from_an_index_that_has_what_is_listed_and_nothing_else(string? owner, string? runner, BuildStatus? status, bool? hasEnded, string index)
    {
        await CreateAsync(Sample.Build());
        await using var database = Fixture.Sql.OpenDatabase();

        // Half of them are behind it.
        Guid middle = new("80000000-0000-4000-8000-000000000000");
        foreach (var order in Enum.GetValues<BuildOrder>())
        {
            BuildQuery query = new() { OwnerId = owner, Runner = runner, Status = status, HasEnded = hasEnded, Order = order, Limit = 10, After = middle };

            var indexes = await Fixture.ExplainAsync(new BuildStatements(database.BuildDialect).List(query));

            indexes.Should().NotBeEmpty().And.OnlyContain(used => used == index);
        }
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(BuildStatus.Failed, null, null)]
    [InlineData(null, true, null)]
    [InlineData(null, false, "owner")]
    public async Task The_builds_of_a_tag_are_read_from_its_index(BuildStatus? status, bool? hasEnded, string? owner)
    {
        await CreateAsync(Sample.Build() with { Tag = "red" });
        await using var database = Fixture.Sql.OpenDatabase();
        foreach (var order in Enum.GetValues<BuildOrder>())
        {
            BuildQuery query = new() { OwnerId = owner, Tag = "red", Status = status, HasEnded = hasEnded, Order = order, Limit = 10, After = new("80000000-0000-4000-8000-000000000000") };

            var indexes = await Fixture.ExplainAsync(new BuildStatements(database.BuildDialect).List(query));

            // A tag of several owners is rare.
            indexes.Should().NotBeEmpty().And.OnlyContain(static used => used == "queue_builds_tag" || used.Contains("Filter: (owner_id", StringComparison.Ordinal));
        }
    }

    /// <summary>Makes the tables as the first version of the package did.</summary>
    private async Task CreateFirstVersionAsync()
    {
        await using var database = Fixture.Sql.OpenDatabase();
        var assembly = database.GetType().Assembly;
        using StreamReader script = new(assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single(static name => name.EndsWith(".001-queue.sql", StringComparison.Ordinal)))!);
        await Fixture.Sql.ExecuteAsync((await script.ReadToEndAsync()).Replace("{collation}", "utf8mb4_nopad_bin", StringComparison.Ordinal));
        await Fixture.Sql.ExecuteAsync("CREATE TABLE queue_schema (version INTEGER NOT NULL, oldest INTEGER NOT NULL); INSERT INTO queue_schema (version, oldest) VALUES (1, 1);");
    }
}
