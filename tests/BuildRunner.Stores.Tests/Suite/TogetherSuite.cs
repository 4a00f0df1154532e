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
}
