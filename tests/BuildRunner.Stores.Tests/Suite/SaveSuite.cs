namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Records are saved once, by one, and together with their messages.</summary>
public abstract class SaveSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact]
    public async Task A_new_build_is_saved_with_its_messages()
    {
        (await Store.TryCreateAsync(Sample.Build(), [Sample.OutgoingMessage("a"), Sample.OutgoingMessage("b")], None)).Should().BeTrue();

        (await PublishedAsync()).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task A_build_is_not_found_by_a_remote_id_that_it_no_longer_has()
    {
        var build = await CreateAsync(Sample.Build());
        BuildId old = new("remote-1");
        (await Store.TryUpdateAsync(build with { RemoteId = old, Version = 2 }, [], None)).Should().BeTrue();
        (await Store.ReadAsync(build.Runner, old, None)).Build!.Id.Should().Be(build.Id);

        (await Store.TryUpdateAsync(build with { RemoteId = null, Attempt = 2, Version = 3 }, [], None)).Should().BeTrue();

        (await Store.ReadAsync(build.Runner, old, None)).Build.Should().BeNull();
    }

    [Fact]
    public async Task A_check_changes_nothing()
    {
        await Store.CheckAsync(None);

        (await Fixture.Queue.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_key_is_given_once_and_nothing_is_published_for_the_second()
    {
        var first = await CreateAsync(Sample.Build());
        var second = Sample.Build();

        (await Store.TryCreateAsync(second, [Sample.OutgoingMessage("a")], None)).Should().BeFalse();

        (await PublishedAsync()).Should().BeEmpty();
        (await ReadAsync(first.Id)).Should().Be(first);
        (await ReadAsync(second.Id)).Should().BeNull();
    }

    [Fact]
    public async Task The_same_build_is_created_once()
    {
        var build = await CreateAsync(Sample.Build());

        (await Store.TryCreateAsync(build with { Note = "again" }, [Sample.OutgoingMessage("a")], None)).Should().BeFalse();

        (await ReadAsync(build.Id)).Should().Be(build);
        (await PublishedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_those_that_create_one_key_at_once_one_does_and_its_messages_alone_are_published()
    {
        const int Rounds = 20;
        var other = await OpenAsync();
        IBuildStore[] stores = [Store, other.Store, Store, other.Store];
        List<string> expected = [];
        for (var round = 0; round < Rounds; round++)
        {
            var key = $"key-{round}";
            var created = await Task.WhenAll(stores.Select((store, i) => Task.Run(() => store.TryCreateAsync(Sample.Build(key), [Sample.OutgoingMessage($"{round}-{i}-a"), Sample.OutgoingMessage($"{round}-{i}-b")], None))));

            created.Count(static done => done).Should().Be(1);
            var winner = Array.IndexOf(created, true);
            expected.AddRange([$"{round}-{winner}-a", $"{round}-{winner}-b"]);
        }

        (await PublishedAsync()).Should().BeEquivalentTo(expected);
    }

    [Fact]
    public async Task Of_many_that_are_created_at_once_those_are_whose_keys_are_free()
    {
        await CreateAsync(Sample.Build("key-7"));
        await CreateAsync(Sample.Build("key-300"));
        var builds = Enumerable.Range(0, 600).Reverse().Select(static i => new BuildCreate(Sample.Build($"key-{i}"), [Sample.OutgoingMessage($"{i}")])).ToList();

        var created = await Store.TryCreateAllAsync(builds, None);

        created.Should().Equal(builds.Select(static item => new BuildCreateResult(item.Build.Key is not ("key-7" or "key-300"))));
        (await Consumer.DrainAsync(1000)).Should().BeEquivalentTo(Enumerable.Range(0, 600).Where(static i => i is not (7 or 300)).Select(static i => $"{i}"));
        var all = (await Store.ReadAllAsync([.. builds.Select(static item => item.Build.Key)], None)).Builds;
        all.Should().HaveCount(600);
        builds.Where((_, i) => created[i].IsCreated).Select(static item => item.Build).Should().BeSubsetOf(all);
    }

    [Fact]
    public async Task A_message_of_builds_that_are_created_at_once_that_is_known_is_hastened()
    {
        await Consumer.PublishAsync(Consumer.MessageOf("5", "5"), TimeSpan.FromHours(1));
        var builds = Enumerable.Range(0, 20).Select(static i => new BuildCreate(Sample.Build($"key-{i}"), [Sample.OutgoingMessage($"{i}")])).ToList();

        (await Store.TryCreateAllAsync(builds, None)).Should().OnlyContain(static result => result.IsCreated);

        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, 20).Select(static i => $"{i}"));
    }

    [Fact]
    public async Task Builds_are_read_together_by_id_and_by_key()
    {
        var builds = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => CreateAsync(Sample.Build($"key-{i}"))));

        (await Store.ReadAllAsync([builds[3].Id, Guid.CreateVersion7(), builds[1].Id], None)).Builds.Should().BeEquivalentTo([builds[1], builds[3]]);
        var reading = await Store.ReadAllAsync(["key-4", "KEY-1", "\0", "key-0"], None);
        reading.Builds.Should().BeEquivalentTo([builds[0], builds[4]]);
        reading.Now.Should().Be(EngineFixture.Start);
    }

    [Fact]
    public async Task A_history_grows_with_the_saves_that_say_so()
    {
        var build = await CreateAsync(Sample.Build());
        (await Store.ReadHistoryAsync(build.Id, None)).Should().Be(HistoryLine.OfNew(build));

        (await Store.TryUpdateAsync(build with { Version = 2, NewHistory = null }, [], None)).Should().BeTrue();
        (await Store.TryUpdateAsync(build with { Version = 3, NewHistory = "b \u00e9 \ud83d\ude00\n" }, [], None)).Should().BeTrue();
        (await ReadAsync(build.Id))!.NewHistory.Should().BeNull();
        (await Store.TryUpdateAsync(build with { Version = 3, NewHistory = "late\n" }, [], None)).Should().BeFalse();
        (await Store.TryCommitAsync(new() { Updated = [build with { Version = 4, NewHistory = "c\n" }] }, None)).Should().BeTrue();

        (await Store.ReadHistoryAsync(build.Id, None)).Should().Be($"{HistoryLine.OfNew(build)}b \u00e9 \ud83d\ude00\nc\n");
        (await Store.ReadHistoryAsync(Guid.CreateVersion7(), None)).Should().BeNull();
    }

    [Fact]
    public async Task A_history_that_is_long_enough_takes_the_end_alone()
    {
        var build = await CreateWithLongHistoryAsync();

        (await Store.TryUpdateAsync(build with { Version = 3, NewHistory = "more\n" }, [], None)).Should().BeTrue();
        (await Store.TryUpdateAsync(build with { Version = 4, NewHistory = "end\n", Status = BuildStatus.Failed, EndedAt = build.CreatedAt }, [], None)).Should().BeTrue();

        (await Store.ReadHistoryAsync(build.Id, None)).Should().EndWith("\u00e9\nend\n");
    }

    [Fact]
    public async Task A_history_that_is_full_of_attempts_has_room_for_the_end()
    {
        var build = await CreateWithLongHistoryAsync();
        var attempt = "{\"k\":8}" + new string('a', HistoryLine.MaxHistoryOfAttempts - HistoryLine.MaxHistory) + "\n";

        (await Store.TryUpdateAsync(build with { Version = 3, NewHistory = attempt }, [], None)).Should().BeTrue();
        (await Store.TryUpdateAsync(build with { Version = 4, NewHistory = attempt }, [], None)).Should().BeTrue();
        (await Store.TryUpdateAsync(build with { Version = 5, NewHistory = "end\n", Status = BuildStatus.Failed, EndedAt = build.CreatedAt }, [], None)).Should().BeTrue();

        (await Store.ReadHistoryAsync(build.Id, None)).Should().EndWith($"\u00e9\n{attempt}end\n");
    }

    [Fact]
    public async Task A_change_is_saved_with_its_messages()
    {
        var build = await CreateAsync(Sample.Build());

        (await Store.TryUpdateAsync(build.Next() with { Status = BuildStatus.Running }, [Sample.OutgoingMessage("a"), Sample.OutgoingMessage("b")], None)).Should().BeTrue();

        (await ReadAsync(build.Id)).Should().Be(build with { Status = BuildStatus.Running, Version = 2 });
        (await PublishedAsync()).Should().BeEquivalentTo("a", "b");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(long.MaxValue)]
    public async Task A_change_of_another_version_is_not_saved_and_nothing_is_published(long version)
    {
        var build = await CreateAsync(Sample.Build());
        (await Store.TryUpdateAsync(build.Next(), [], None)).Should().BeTrue();

        (await Store.TryUpdateAsync(build with { Version = version, Note = "lost" }, [Sample.OutgoingMessage("a")], None)).Should().BeFalse();

        (await ReadAsync(build.Id)).Should().Be(build.Next());
        (await PublishedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_change_of_a_build_that_is_gone_is_not_saved_and_nothing_is_published()
    {
        var build = Sample.Build();

        (await Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("a")], None)).Should().BeFalse();

        (await ReadAsync(build.Id)).Should().BeNull();
        (await PublishedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_those_that_change_one_build_at_once_one_does_and_its_message_alone_is_published()
    {
        const int Rounds = 20;
        var other = await OpenAsync();
        IBuildStore[] stores = [Store, other.Store, Store, other.Store];
        var build = await CreateAsync(Sample.Build());
        List<string> expected = [];
        for (var round = 0; round < Rounds; round++)
        {
            var next = build.Next();
            var changed = await Task.WhenAll(stores.Select((store, i) => Task.Run(() => store.TryUpdateAsync(next with { Note = $"{i}" }, [Sample.OutgoingMessage($"{round}-{i}")], None))));

            changed.Count(static done => done).Should().Be(1);
            var winner = Array.IndexOf(changed, true);
            expected.Add($"{round}-{winner}");
            build = next with { Note = $"{winner}" };
            (await ReadAsync(build.Id)).Should().Be(build);
        }

        (await PublishedAsync()).Should().BeEquivalentTo(expected);
    }

    [Fact]
    public async Task A_message_is_published_as_it_is_whatever_the_current_trace()
    {
        using System.Diagnostics.Activity activity = new("test");
        activity.SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();

        (await Store.TryCreateAsync(Sample.Build(), [Sample.OutgoingMessage("a")], None)).Should().BeTrue();

        (await Consumer.ClaimOneAsync()).Delivery.Message.Headers.Should().BeEmpty();
    }

    [Fact]
    public async Task A_message_that_is_known_is_hastened_and_no_reason_not_to_save()
    {
        await Consumer.PublishAsync(Consumer.MessageOf("a", "a"), TimeSpan.FromHours(1));

        (await Store.TryCreateAsync(Sample.Build(), [Sample.OutgoingMessage("a")], None)).Should().BeTrue();

        (await PublishedAsync()).Should().Equal("a");
    }

    /// <summary>Saves a build whose history is so long that it takes no more lines.</summary>
    private async Task<Build> CreateWithLongHistoryAsync()
    {
        var build = await CreateAsync(Sample.Build());
        var line = new string('\u00e9', HistoryLine.MaxHistory - HistoryLine.OfNew(build).Length - 1) + "\n";
        (await Store.TryUpdateAsync(build with { Version = 2, NewHistory = line }, [], None)).Should().BeTrue();
        return build;
    }
}
