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

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    public async Task A_build_is_saved_only_if_the_document_it_depends_on_has_the_version_that_was_read(long read, long saved, bool isSaved)
    {
        var build = await CreateAsync(Sample.Build("old"));
        for (var version = 1; version <= saved; version++)
        {
            (await Store.TryCommitAsync(new() { Documents = [Document("runner/ci", version)] }, None)).Should().BeTrue();
        }

        DocumentGuard guard = new("runner/ci", read);
        (await Store.TryUpdateAsync(build.Next(), [Sample.OutgoingMessage("a")], guard, None)).Should().Be(isSaved);

        var current = (await ReadAsync(build.Id))!;
        current.Version.Should().Be(isSaved ? 2 : 1);
        (await PublishedAsync()).Should().HaveCount(isSaved ? 1 : 0);
        (await Store.TryCommitAsync(new() { Documents = [Document("line/ci", 1)], Updated = [current.Next()], Guard = guard }, None)).Should().Be(isSaved);
        (await ReadDocumentsAsync("line/ci")).Should().HaveCount(isSaved ? 1 : 0);
    }

    [Fact]
    public async Task Who_is_next_is_the_oldest_build_of_the_next_owner_with_the_highest_priority()
    {
        List<Build> builds = [];
        foreach (var (owner, line) in new (string, int?)[] { ("b", 0), ("b", 7), ("a", 7), ("b", 7), ("\ud83d\ude00", 7), ("c", null), ("a", 6) })
        {
            var id = Guid.CreateVersion7(EngineFixture.Start.AddMilliseconds(builds.Count));
            builds.Add(await CreateAsync(Sample.Build($"{builds.Count}") with { Id = id, Request = Sample.Build("x").Request with { TriggerKey = id.ToString() }, OwnerId = owner, Runner = "ci", Status = BuildStatus.Accepted, RemoteId = null, Bookkeeping = new() { Line = line, SlotSince = line is null ? EngineFixture.Start : null } }));
        }

        (await NextAsync(null)).Should().Be(builds[2].Key);
        (await NextAsync("a")).Should().Be(builds[1].Key);
        (await NextAsync("aa")).Should().Be(builds[1].Key);
        (await NextAsync("b")).Should().Be(builds[4].Key);
        (await NextAsync("\ud83d\ude00")).Should().Be(builds[2].Key);
        var reading = await Store.ReadLineAsync("ci", new Dictionary<int, string>(), 5, None);
        reading.Oldest.Should().Be(builds[0]);
        reading.InUse.Should().Be(1);
        (await Store.ReadLineAsync("other", new Dictionary<int, string>(), 5, None)).Should().BeEquivalentTo(new { InUse = 0, Next = (Build?)null, Oldest = (Build?)null });

        async Task<string> NextAsync(string? turn) =>
            (await Store.ReadLineAsync("ci", turn is null ? new Dictionary<int, string>() : new Dictionary<int, string> { [7] = turn, [6] = "z" }, 5, None)).Next!.Key;
    }

    private static BuildDocument Document(string name, long version) => new() { Name = name, Value = "{}", Version = version };

    private async Task<bool> CommitAsync(BuildDocument document, Build created, Build updated, string message) =>
        await Store.TryCommitAsync(new() { Documents = [document], Created = [created], Updated = [updated], Messages = [Sample.OutgoingMessage(message)] }, None);

    private async Task<IReadOnlyList<BuildDocument>> ReadDocumentsAsync(params string[] names) => (await Store.ReadDocumentsAsync(names, None)).Documents;

    private async Task<IEnumerable<string>> NamesAsync(int limit, string? after) => (await Store.ListDocumentsAsync("runner/", limit, after, None)).Documents.Select(static document => document.Name);
}
