using System.Data.Common;

namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Saves that come together may be one transaction, and none of them notices it.</summary>
public abstract class TogetherSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : SqlStoreFixture, new()
{
    private const int Together = 40;

    [Fact]
    public async Task Of_saves_that_come_together_one_that_fails_fails_alone()
    {
        await Store.CheckAsync(None);
        await Fixture.Sql.RefuseMessagesUnlessAsync("id <> 'm17'");

        var saves = Enumerable.Range(0, Together).Select(i => Store.TryCreateAsync(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")], None)).ToArray();

        await FluentActions.Awaiting(() => saves[17]).Should().ThrowAsync<DbException>();
        (await Task.WhenAll(saves.Where(static (_, i) => i != 17))).Should().AllBeEquivalentTo(true);
        (await Store.ReadAsync("key17", None)).Build.Should().BeNull();
        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, Together).Where(static i => i != 17).Select(static i => $"m{i}"));
    }

    [Fact]
    public async Task Saves_that_come_together_and_fail_have_the_exception_of_the_driver()
    {
        var faulty = Disposed(Fixture.Open(static inner => new FaultyDatabase(inner, static () => throw new TimeoutException())));

        var saves = Enumerable.Range(0, Together).Select(i => faulty.Store.TryCreateAsync(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")], None)).ToArray();

        await Task.WhenAll(saves).ContinueWith(static _ => { }, TaskScheduler.Default);
        saves.Select(static save => save.Exception?.InnerException).Should().AllBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task Of_saves_that_come_together_one_that_another_was_earlier_than_publishes_nothing()
    {
        await CreateAsync(Sample.Build("key17"));

        var saves = await Task.WhenAll(Enumerable.Range(0, Together).Select(i => Store.TryCreateAsync(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")], None)));

        saves.Should().Equal(Enumerable.Range(0, Together).Select(static i => i != 17));
        (await Fixture.Queue.SizeAsync()).Should().Be((Together - 1, Together - 1), "no partition is left behind");
        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, Together).Where(static i => i != 17).Select(static i => $"m{i}"));
    }

    [Fact]
    public async Task Of_updates_of_one_build_that_come_together_one_is_saved()
    {
        var build = await CreateAsync(Sample.Build());

        var saves = await Task.WhenAll(Enumerable.Range(0, Together).Select(i => Store.TryUpdateAsync(build.Next() with { Note = $"{i}" }, [Sample.OutgoingMessage($"m{i}")], None)));

        var saved = saves.ToList().IndexOf(true);
        saves.Count(static isSaved => isSaved).Should().Be(1);
        (await ReadAsync(build.Id))!.Note.Should().Be($"{saved}");
        (await PublishedAsync()).Should().Equal($"m{saved}");
    }

    [Theory]
    [InlineData("queue_messages", "id NOT IN ('m17', 'm18', 'm399')")]
    [InlineData("queue_builds", "LENGTH(request) < 5000")]
    public async Task Of_builds_that_are_created_together_those_that_the_database_refuses_fail_alone(string table, string condition)
    {
        int[] refused = [17, 18, 399];
        await Store.CheckAsync(None);
        await Fixture.Sql.RefuseRowsUnlessAsync(table, condition);
        var builds = Enumerable.Range(0, 400).Select(i => new BuildCreate(BuildOf(i, refused.Contains(i) ? 5000 : 1), [Sample.OutgoingMessage($"m{i}")])).ToList();

        var results = await Store.TryCreateAllAsync(builds, None);

        results.Select(static result => result.IsCreated).Should().Equal(builds.Select((_, i) => !refused.Contains(i)));
        results.Where(static result => !result.IsCreated).Should().OnlyContain(static result => result.Failure is DbException);
        (await Store.ReadAllAsync([.. builds.Select(static item => item.Build.Key)], None)).Builds.Should().BeEquivalentTo(builds.Where((_, i) => !refused.Contains(i)).Select(static item => item.Build));
        (await Consumer.DrainAsync(1000)).Should().BeEquivalentTo(Enumerable.Range(0, 400).Except(refused).Select(static i => $"m{i}"));
    }

    [Fact]
    public async Task Of_builds_that_are_created_together_one_that_is_refused_beside_one_whose_key_is_taken_fails_alone()
    {
        await CreateAsync(Sample.Build("key3"));
        await Fixture.Sql.RefuseMessagesUnlessAsync("id <> 'm17'");
        var builds = Enumerable.Range(0, Together).Select(static i => new BuildCreate(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")])).ToList();

        var results = await Store.TryCreateAllAsync(builds, None);

        results.Select(static result => (result.IsCreated, result.Failure is DbException)).Should().Equal(builds.Select(static (_, i) => (i is not (3 or 17), i == 17)));
        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, Together).Where(static i => i is not (3 or 17)).Select(static i => $"m{i}"));
    }

    [Fact]
    public async Task A_server_that_is_away_fails_builds_that_are_created_together_and_none_is_tried_alone()
    {
        FaultyDatabase? database = null;
        var faulty = Disposed(Fixture.Open(inner => database = new FaultyDatabase(inner, static () => throw new TimeoutException())));
        var builds = Enumerable.Range(0, Together).Select(static i => new BuildCreate(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")])).ToList();

        var results = await faulty.Store.TryCreateAllAsync(builds, None);

        results.Should().OnlyContain(static result => !result.IsCreated && result.Failure is TimeoutException);
        database!.Faults.Should().BeLessThan(10);
        (await Fixture.Queue.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_failure_that_no_row_is_to_blame_for_fails_builds_that_are_created_together_and_none_is_tried_alone()
    {
        FaultyDatabase? database = null;
        var faulty = Disposed(Fixture.Open(inner => database = new FaultyDatabase(inner, static () => throw new InvalidOperationException())));
        var builds = Enumerable.Range(0, Together).Select(static i => new BuildCreate(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")])).ToList();

        var results = await faulty.Store.TryCreateAllAsync(builds, None);

        results.Should().OnlyContain(static result => !result.IsCreated && result.Failure is InvalidOperationException);
        database!.Faults.Should().Be(1);
    }

    private static Build BuildOf(int i, int length)
    {
        var build = Sample.Build($"key{i}");
        return build with { Request = build.Request with { Metadata = [new("text", new string('x', length))] } };
    }
}
