namespace BuildRunner.Stores.Tests.Suite;

/// <summary>Documents, builds and messages are saved together or not at all.</summary>
public abstract class CommitSuite<TFixture> : BuildStoreSuite<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact]
    public async Task Documents_and_builds_and_messages_are_saved_together()
    {
        var build = await CreateAsync(Sample.Build("old"));

        (await CommitAsync(Document("runner/ci", 1), Sample.Build("new"), build.Next(), "a")).Should().BeTrue();

        (await ReadDocumentsAsync("runner/ci", "runner/other")).Should().Equal(Document("runner/ci", 1));
        (await Store.ReadAsync("new", None)).Build.Should().NotBeNull();
        (await ReadAsync(build.Id))!.Version.Should().Be(2);
        (await PublishedAsync()).Should().Equal("a");
    }

    [Theory]
    [InlineData(2, "new", 2)]
    [InlineData(1, "old", 2)]
    [InlineData(1, "new", 3)]
    public async Task Where_one_is_late_nothing_is_saved(long documentVersion, string createdKey, long updatedVersion)
    {
        var build = await CreateAsync(Sample.Build("old"));

        (await CommitAsync(Document("runner/ci", documentVersion), Sample.Build(createdKey), build with { Version = updatedVersion }, "a")).Should().BeFalse();

        (await ReadDocumentsAsync("runner/ci")).Should().BeEmpty();
        (await Store.ReadAsync("new", None)).Build.Should().BeNull();
        (await ReadAsync(build.Id)).Should().Be(build);
        (await PublishedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_document_is_replaced_by_its_next_version_alone()
    {
        BuildCommit first = new() { Documents = [Document("runner/ci", 1)] };
        BuildCommit second = new() { Documents = [Document("runner/ci", 2) with { Value = "{\"a\":\"\ud83d\ude00\"}", ExpiresAt = EngineFixture.Start }] };

        (await Store.TryCommitAsync(first, None)).Should().BeTrue();
        (await Store.TryCommitAsync(first, None)).Should().BeFalse();
        (await Store.TryCommitAsync(second, None)).Should().BeTrue();
        (await Store.TryCommitAsync(second, None)).Should().BeFalse();

        (await ReadDocumentsAsync("runner/ci")).Should().Equal(second.Documents);
    }

    [Fact]
    public async Task Of_many_that_save_one_document_at_a_time_one_does()
    {
        var builds = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => CreateAsync(Sample.Build($"{i}"))));

        var saved = await Task.WhenAll(builds.Select(build => Store.TryCommitAsync(new() { Documents = [Document("runner/ci", 1)], Updated = [build.Next()] }, None)));

        saved.Count(static isSaved => isSaved).Should().Be(1);
        var versions = await Task.WhenAll(builds.Select(async build => (await ReadAsync(build.Id))!.Version));
        versions.Should().Equal(saved.Select(static isSaved => isSaved ? 2L : 1L));
    }

    [Fact]
    public async Task Documents_are_listed_by_name_page_by_page()
    {
        string[] names = ["group/a", "runner/", "runner/B", "runner/a", "runner/\u00e9", "runner0"];
        (await Store.TryCommitAsync(new() { Documents = [.. names.Select(static name => Document(name, 1))] }, None)).Should().BeTrue();

        (await NamesAsync(2, after: null)).Should().Equal("runner/B", "runner/a");
        (await NamesAsync(2, "runner/a")).Should().Equal("runner/\u00e9");
    }

    [Fact]
    public async Task Documents_are_deleted_once_they_have_expired()
    {
        BuildDocument expired = Document("budget/a", 1) with { ExpiresAt = EngineFixture.Start };
        BuildDocument later = Document("budget/b", 1) with { ExpiresAt = EngineFixture.Start + TimeSpan.FromMinutes(1) };
        (await Store.TryCommitAsync(new() { Documents = [expired, later, Document("runner/ci", 1)] }, None)).Should().BeTrue();

        (await Store.DeleteExpiredDocumentsAsync(10, None)).Should().Be(1);
        (await Store.DeleteExpiredDocumentsAsync(10, None)).Should().Be(0);

        (await ReadDocumentsAsync("budget/a", "budget/b", "runner/ci")).Should().BeEquivalentTo([later, Document("runner/ci", 1)]);
    }

    private static BuildDocument Document(string name, long version) => new() { Name = name, Value = "{}", Version = version };

    private async Task<bool> CommitAsync(BuildDocument document, Build created, Build updated, string message) =>
        await Store.TryCommitAsync(new() { Documents = [document], Created = [created], Updated = [updated], Messages = [Sample.OutgoingMessage(message)] }, None);

    private async Task<IReadOnlyList<BuildDocument>> ReadDocumentsAsync(params string[] names) => (await Store.ReadDocumentsAsync(names, None)).Documents;

    private async Task<IEnumerable<string>> NamesAsync(int limit, string? after) => (await Store.ListDocumentsAsync("runner/", limit, after, None)).Documents.Select(static document => document.Name);
}
