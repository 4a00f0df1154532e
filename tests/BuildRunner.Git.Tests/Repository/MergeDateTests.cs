using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Repository;

/// <summary>git walks commits by date. A merge that is older than its parents would make the next walk visit the whole history.</summary>
[Slow]
public sealed class MergeDateTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private Merging _merging = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _merging = await Merging.OpenAsync(_repository);
    }

    public ValueTask DisposeAsync()
    {
        _merging.Dispose();
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("1700000000 +0000", "1800000000 +0000", "1800000000")]
    [InlineData("1800000000 +0000", "1700000000 +0000", "1800000000")]
    [InlineData("1700000000 -1200", "1700000001 +1400", "1700000001")]
    [InlineData("5 +0000", "7 +0000", "7")]
    [InlineData("0 +0000", "0 +0000", "0")]
    [InlineData("-1700000000 +0000", "1700000000 +0000", "1700000000")]
    [InlineData("-2 +0000", "-1 +0000", "0")]
    [InlineData("1700000000 +0000", "4102444799 +0000", "4102444799")]
    [InlineData("1700000000 +0000", "4102444800 +0000", "1700000000")]
    [InlineData("9223372036854775807 +0000", "1700000000 +0000", "1700000000")]
    [InlineData("1700000000 +0000", "18446744073709551611 +0000", "1700000000")]
    [InlineData("1700000000 +0000", "99999999999999999999999 +0000", "1700000000")]
    [InlineData("1700000000 +0000", "yesterday", "1700000000")]
    public async Task A_merge_is_as_late_as_the_latest_of_its_parents(string target, string change, string expected)
    {
        var targetId = await CommitAsync("target", target);
        var changeId = await CommitAsync("change", change);

        var result = await _merging.ApplyAsync(targetId, changeId);

        (await ReadDatesAsync(result)).Should().Equal($"{expected} +0000", $"{expected} +0000");
    }

    [TimedFact]
    public async Task Each_of_several_merges_is_as_late_as_what_it_has_merged_so_far()
    {
        var target = await CommitAsync("target", "1000 +0000");
        string[] changes = [await CommitAsync("1", "3000 +0000"), await CommitAsync("2", "2000 +0000"), await CommitAsync("3", "4000 +0000")];

        var result = await _merging.ApplyAsync(target, changes);

        var head = result.Should().BeOfType<ApplyResult.Applied>().Which.Head.CommitId;
        (await GitAsync($"log --first-parent --format=%ct {head}")).Split('\n')[..4].Should().Equal("4000", "3000", "3000", "1000");
    }

    [TimedFact]
    public async Task The_base_alone_gives_the_same_commit_as_with_a_later_head()
    {
        var target = await CommitAsync("target", "1000 +0000");
        string[] changes = [await CommitAsync("1", "2000 +0000"), await CommitAsync("2", "3000 +0000")];

        var alone = await _merging.ApplyAsync(target, changes[0]);
        var both = await _merging.ApplyAsync(target, changes);

        alone.Should().BeOfType<ApplyResult.Applied>().Which.Head.Should().Be(((ApplyResult.Applied)both).Base);
    }

    private async Task<string[]> ReadDatesAsync(ApplyResult result)
    {
        var head = result.Should().BeOfType<ApplyResult.Applied>().Which.Head.CommitId;
        return [.. (await GitAsync($"cat-file commit {head}")).Split('\n').Where(static line => line.StartsWith("author", StringComparison.Ordinal) || line.StartsWith("committer", StringComparison.Ordinal)).Select(static line => line[(line.IndexOf("> ", StringComparison.Ordinal) + 2)..])];
    }

    private Task<string> GitAsync(string arguments) => _repository.ShellAsync($"GIT_ALTERNATE_OBJECT_DIRECTORIES={_merging.ObjectsDirectory} git {arguments}");

    // By hand, because git would not write such dates. The date of the author is later, and counts for nothing.
    private Task<string> CommitAsync(string name, string date) => _repository.ShellAsync(
        $"""
        blob=$(echo {name} | git hash-object -w --stdin)
        tree=$( (git ls-tree main; printf '100644 blob %s\t%s\n' $blob {name}) | git mktree)
        printf 'tree %s\nparent %s\nauthor A <a@example.org> 1900000000 +0000\ncommitter A <a@example.org> {date}\n\n{name}\n' $tree $(git rev-parse main) | git hash-object -t commit -w --stdin --literally
        """);
}
