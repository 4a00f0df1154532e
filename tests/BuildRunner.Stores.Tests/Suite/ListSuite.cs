namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Pages of builds, and what is deleted of them.</summary>
public abstract class ListSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : StoreFixture, new()
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly string[] Owners = ["a", "b"];
    private static readonly string[] Runners = ["fast", "slow"];
    private static readonly BuildStatus[] Ends = [BuildStatus.Running, BuildStatus.Failed];
    private static readonly string?[] Tags = ["red", "Red", null];

    [Theory]
    [InlineData(null, null, null, BuildOrder.NewestFirst)]
    [InlineData("a", null, null, BuildOrder.NewestFirst)]
    [InlineData(null, "fast", null, BuildOrder.NewestFirst)]
    [InlineData("a", "fast", null, BuildOrder.NewestFirst)]
    [InlineData(null, null, BuildStatus.Running, BuildOrder.NewestFirst)]
    [InlineData("a", null, BuildStatus.Running, BuildOrder.NewestFirst)]
    [InlineData(null, "slow", BuildStatus.Running, BuildOrder.NewestFirst)]
    [InlineData("b", "slow", BuildStatus.Succeeded, BuildOrder.NewestFirst)]
    [InlineData(null, null, null, BuildOrder.OldestFirst)]
    [InlineData("a", null, null, BuildOrder.OldestFirst)]
    [InlineData(null, "fast", null, BuildOrder.OldestFirst)]
    [InlineData("a", "fast", null, BuildOrder.OldestFirst)]
    [InlineData(null, null, BuildStatus.Running, BuildOrder.OldestFirst)]
    [InlineData("a", null, BuildStatus.Running, BuildOrder.OldestFirst)]
    [InlineData(null, "slow", BuildStatus.Running, BuildOrder.OldestFirst)]
    [InlineData("b", "slow", BuildStatus.Succeeded, BuildOrder.OldestFirst)]
    public async Task Pages_have_every_build_once_in_the_order_of_the_text_of_its_id(string? owner, string? runner, BuildStatus? status, BuildOrder order)
    {
        var builds = await CreateManyAsync(40);
        var expected = builds
            .Where(build => (owner is null || build.OwnerId == owner) && (runner is null || build.Runner == runner) && (status is null || build.Status == status))
            .OrderBy(build => build.Id.ToString(), StringComparer.Ordinal).ToList();
        if (order == BuildOrder.NewestFirst)
        {
            expected.Reverse();
        }

        List<Build> listed = [];
        Guid? after = null;
        do
        {
            var page = await Store.ListAsync(new BuildQuery { OwnerId = owner, Runner = runner, Status = status, Order = order, Limit = 3, After = after }, None);
            listed.AddRange(page.Builds);
            after = page.Next;
            after.Should().Be(page.Builds.Count < 3 ? null : page.Builds[^1].Id);
        }
        while (after is not null);

        expected.Should().NotBeEmpty();
        listed.Should().Equal(expected);
    }

    [Theory]
    [InlineData(BuildOrder.NewestFirst, null)]
    [InlineData(BuildOrder.OldestFirst, null)]
    [InlineData(BuildOrder.NewestFirst, "ci")]
    [InlineData(BuildOrder.OldestFirst, "ci")]
    public async Task What_is_submitted_between_two_pages_neither_repeats_a_build_nor_hides_one(BuildOrder order, string? runner)
    {
        var ids = Enumerable.Range(0, 9).Select(static i => Guid.CreateVersion7(EngineFixture.Start + TimeSpan.FromSeconds(i))).ToArray();
        foreach (var i in new[] { 2, 3, 5, 6 })
        {
            await CreateAsync(Sample.Build($"{i}") with { Id = ids[i] });
        }

        BuildQuery query = new() { Runner = runner, Order = order, Limit = 2 };
        var first = await Store.ListAsync(query, None);
        foreach (var i in new[] { 0, 4, 8 })
        {
            await CreateAsync(Sample.Build($"{i}") with { Id = ids[i] });
        }

        var next = await Store.ListAsync(query with { After = first.Next, Limit = 100 }, None);

        var listed = first.Builds.Concat(next.Builds).Select(build => Array.IndexOf(ids, build.Id));
        listed.Should().Equal(order == BuildOrder.NewestFirst ? [6, 5, 4, 3, 2, 0] : [2, 3, 4, 5, 6, 8]);
    }

    [Theory]
    [InlineData("shop/", new[] { "shop/", "shop/1", "shop/\u00e9", "shop/\ud83d\ude00" })]
    [InlineData("shop", new[] { "shop", "shop/", "shop/1", "shop/\u00e9", "shop/\ud83d\ude00", "shop0" })]
    [InlineData("shop/\ud83d\ude00", new[] { "shop/\ud83d\ude00" })]
    [InlineData("z\ud7ff", new[] { "z\ud7ff1" })]
    [InlineData("\udbff\udfff", new[] { "\udbff\udfff1" })]
    [InlineData("S", new[] { "Shop/1" })]
    [InlineData("%", new string[0])]
    public async Task The_keys_that_begin_so_are_found_and_no_others(string prefix, string[] keys)
    {
        foreach (var key in new[] { "shop", "shop/", "shop/1", "shop/\u00e9", "shop/\ud83d\ude00", "shop0", "Shop/1", "sho", "z\ud7ff1", "z\ue0001", "\udbff\udfff1" })
        {
            await CreateAsync(Sample.Build(key));
        }

        var page = await Store.ListAsync(new BuildQuery { KeyPrefix = prefix }, None);

        page.Builds.Select(static build => build.Key).Should().BeEquivalentTo(keys);
        page.Builds.Select(static build => build.Id.ToString()).Should().BeInDescendingOrder(StringComparer.Ordinal);
    }

    // An attribute would hold another text.
    [Fact]
    public async Task A_text_with_which_no_key_can_begin_finds_none()
    {
        foreach (var key in new[] { "shop", "shop/", "shop/1", "shop/\ufffd", "\ufffd1" })
        {
            await CreateAsync(Sample.Build(key));
        }

        foreach (var prefix in new[] { "\0", "shop/\0", "\ud800", "shop/\udc00" })
        {
            (await Store.ListAsync(new BuildQuery { KeyPrefix = prefix }, None)).Builds.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_tag_is_found_with_every_other_filter()
    {
        List<Build> builds = [];
        foreach (var (owner, runner, status, tag) in from owner in Owners from runner in Runners from status in Ends from tag in Tags select (owner, runner, status, tag))
        {
            builds.Add(await CreateAsync(Sample.Build($"{builds.Count}", owner, runner, status) with { Tag = tag }));
        }

        foreach (var query in new BuildQuery[] { new(), new() { OwnerId = "a" }, new() { Runner = "slow" }, new() { Status = BuildStatus.Failed }, new() { HasEnded = false }, new() { HasEnded = true, OwnerId = "b", Runner = "fast" } })
        {
            var page = await Store.ListAsync(query with { Tag = "red" }, None);

            page.Builds.Should().BeEquivalentTo(builds.Where(build => build.Tag == "red"
                && (query.OwnerId is null || build.OwnerId == query.OwnerId) && (query.Runner is null || build.Runner == query.Runner)
                && (query.Status is null || build.Status == query.Status) && (query.HasEnded is null || build.Status.IsTerminal() == query.HasEnded)));
        }

        (await Store.ListAsync(new BuildQuery { Tag = "\0" }, None)).Builds.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ci")]
    public async Task Builds_are_found_by_the_time_of_their_submission(string? runner)
    {
        var start = EngineFixture.Start;
        for (var i = 0; i < 5; i++)
        {
            var at = start + TimeSpan.FromMilliseconds(i);
            await CreateAsync(Sample.Build($"{i}") with { Id = Guid.CreateVersion7(at), CreatedAt = at });
        }

        await KeysAsync(start + TimeSpan.FromMilliseconds(1), start + TimeSpan.FromMilliseconds(3), "1", "2");
        await KeysAsync(start + TimeSpan.FromTicks(1), null, "1", "2", "3", "4");
        await KeysAsync(null, start + TimeSpan.FromTicks(1), "0");
        await KeysAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, "0", "1", "2", "3", "4");
        await KeysAsync(DateTimeOffset.MaxValue, null);

        async Task KeysAsync(DateTimeOffset? from, DateTimeOffset? before, params string[] keys)
        {
            var page = await Store.ListAsync(new BuildQuery { Runner = runner, SubmittedFrom = from, SubmittedBefore = before, Order = BuildOrder.OldestFirst }, None);
            page.Builds.Select(static build => build.Key).Should().Equal(keys);
        }
    }

    [Fact]
    public async Task A_runner_that_nobody_has_has_no_builds()
    {
        await CreateAsync(Sample.Build(runner: "ci"));

        foreach (var runner in new[] { "CI", "ci ", "c", "none", "\0", "\ud800" })
        {
            (await Store.ListAsync(new BuildQuery { Runner = runner }, None)).Builds.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_page_that_is_full_says_where_the_next_begins_and_one_that_is_not_does_not()
    {
        await CreateAsync(Sample.Build("1"));
        await CreateAsync(Sample.Build("2"));

        var full = await Store.ListAsync(new BuildQuery { Limit = 2 }, None);

        full.Next.Should().Be(full.Builds[1].Id);
        (await Store.ListAsync(new BuildQuery { Limit = 2, After = full.Next }, None)).Should().BeEquivalentTo(new BuildPage { Builds = [] });
        (await Store.ListAsync(new BuildQuery { Limit = 3 }, None)).Next.Should().BeNull();
    }

    [Fact]
    public async Task Builds_that_ended_long_ago_are_deleted_and_no_others()
    {
        var old = EngineFixture.Start - Day;
        var running = await CreateAsync(Sample.Build("running", status: BuildStatus.Running, updatedAt: old));
        var unknown = await CreateAsync(Sample.Build("unknown", updatedAt: old));
        var young = await CreateAsync(Sample.Build("young", status: BuildStatus.Failed, updatedAt: old + TimeSpan.FromMilliseconds(1)));
        await CreateAsync(Sample.Build("succeeded", status: BuildStatus.Succeeded, updatedAt: old));
        await CreateAsync(Sample.Build("failed", status: BuildStatus.Failed, updatedAt: old - Day));
        await CreateAsync(Sample.Build("cancelled", status: BuildStatus.Cancelled, updatedAt: old));

        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(3);

        (await Store.ListAsync(new BuildQuery(), None)).Builds.Should().BeEquivalentTo([running, unknown, young]);
        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(0);
        await Fixture.Queue.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(1);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("mine", null, null)]
    [InlineData(null, "ci", null)]
    [InlineData("mine", "ci", null)]
    [InlineData(null, null, BuildStatus.Running)]
    [InlineData("mine", "ci", BuildStatus.Running)]
    public async Task What_has_ended_and_what_has_not_are_told_apart(string? owner, string? runner, BuildStatus? status)
    {
        List<Build> builds = [];
        foreach (var state in new[] { BuildStatus.Running, BuildStatus.Succeeded, BuildStatus.Unknown, BuildStatus.Running, BuildStatus.Failed })
        {
            builds.Add(await CreateAsync(Sample.Build($"mine {builds.Count}", "mine", status: state)));
            builds.Add(await CreateAsync(Sample.Build($"theirs {builds.Count}", "theirs", status: state)));
            builds.Add(await CreateAsync(Sample.Build($"elsewhere {builds.Count}", "mine", "other", state)));
        }

        foreach (bool? hasEnded in new bool?[] { true, false, null })
        {
            var page = await Store.ListAsync(new BuildQuery { OwnerId = owner, Runner = runner, Status = status, HasEnded = hasEnded }, None);

            page.Builds.Should().Equal(builds
                .Where(build => (owner is null || build.OwnerId == owner) && (runner is null || build.Runner == runner))
                .Where(build => (status is null || build.Status == status) && (hasEnded is null || build.Status.IsTerminal() == hasEnded))
                .OrderByDescending(static build => build.Id.ToString(), StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_build_that_ends_later_is_deleted_later()
    {
        var build = await CreateAsync(Sample.Build(status: BuildStatus.Running, updatedAt: EngineFixture.Start - Day));
        (await Store.TryUpdateAsync(build.Next() with { Status = BuildStatus.Succeeded, EndedAt = EngineFixture.Start }, [], None)).Should().BeTrue();

        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(0);
        await Fixture.Queue.AdvanceAsync(Day);
        (await Store.DeleteEndedAsync(Day, 100, None)).Should().Be(1);
    }

    [Fact]
    public async Task No_more_are_deleted_at_once_than_are_asked_for()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(Sample.Build($"{i}", status: BuildStatus.Failed, updatedAt: EngineFixture.Start - Day));
        }

        (await Store.DeleteEndedAsync(Day, 0, None)).Should().Be(0);
        (await Store.DeleteEndedAsync(Day, 3, None)).Should().Be(3);
        (await Store.DeleteEndedAsync(Day, 3, None)).Should().Be(2);
    }

    [Fact]
    public async Task What_a_deleted_build_had_is_free_again()
    {
        BuildId id = new("1");
        var first = await CreateAsync(Sample.Build(status: BuildStatus.Failed, updatedAt: EngineFixture.Start - Day) with { RemoteId = id });
        (await Store.DeleteEndedAsync(Day, 1, None)).Should().Be(1);

        (await Store.ReadAsync("ci", id, None)).Build.Should().BeNull();
        (await Store.TryUpdateAsync(first.Next(), [], None)).Should().BeFalse();
        var second = await CreateAsync(Sample.Build() with { RemoteId = id });
        (await Store.ReadAsync(first.Key, None)).Build.Should().Be(second);
        (await Store.ReadAsync("ci", id, None)).Build.Should().Be(second);
    }

    private async Task<List<Build>> CreateManyAsync(int count)
    {
        BuildStatus[] statuses = [BuildStatus.Unknown, BuildStatus.Running, BuildStatus.Succeeded];
        List<Build> builds = [];
        for (var i = 0; i < count; i++)
        {
            // Not in the order of the ids, as where several processes submit.
            var id = i % 2 == 0 ? Guid.NewGuid() : Guid.CreateVersion7(EngineFixture.Start + TimeSpan.FromSeconds(i));
            builds.Add(await CreateAsync(Sample.Build($"{i}", i % 3 == 0 ? "a" : "b", i % 5 < 2 ? "fast" : "slow", statuses[i % 4 % 3]) with { Id = id }));
        }

        return builds;
    }
}
