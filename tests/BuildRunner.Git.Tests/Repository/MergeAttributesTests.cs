using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Repository;

/// <summary>The attributes of the tree that is merged onto decide a merge, as in a checkout. The tests compare the result with <c>git merge</c>.</summary>
[Slow]
public sealed class MergeAttributesTests : IAsyncLifetime
{
    private const string Lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    private const string FirstChanged = "one\n2\n3\n4\n5\n6\n7\n8\n9\n";
    private const string LastChanged = "1\n2\n3\n4\n5\n6\n7\n8\nnine\n";
    private const string LastChangedOtherwise = "1\n2\n3\n4\n5\n6\n7\n8\nNINE\n";

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
    [InlineData("k/.gitattributes", "*.lock -merge\n", "k/a.lock")]
    [InlineData("k/.gitattributes", "*.lock -merge\n", "k/deep/a.lock")]
    [InlineData("k/.gitattributes", "/a.lock -merge\n", "k/a.lock")]
    [InlineData("k/deep/.gitattributes", "a.lock binary\n", "k/deep/a.lock")]
    [InlineData("odd [d]ir*/.gitattributes", "a.lock -merge\n", "odd [d]ir*/a.lock")]
    [InlineData("k/.gitattributes", "\"with blank\" -merge\n", "k/with blank")]
    [InlineData(".gitattributes", "[attr]frozen -merge\nk/*.lock frozen\n", "k/a.lock")]
    public async Task Attributes_at_any_depth_can_forbid_a_merge(string attributes, string content, string file)
    {
        await _repository.CommitAsync(TestRepository.Main, (attributes, content), (file, Lines));
        var head = await _repository.CommitAsync("head", (file, LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, (file, FirstChanged));

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Conflict>().Which.Paths.Should().Equal(file);
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head));
    }

    [TimedTheory]
    [InlineData("k/.gitattributes", "*.lock merge=union\n", "k/a.lock")]
    [InlineData("k/deep/.gitattributes", "/a.lock merge=union\n", "k/deep/a.lock")]
    public async Task Attributes_at_any_depth_can_have_both_sides_of_a_conflict_taken(string attributes, string content, string file)
    {
        await _repository.CommitAsync(TestRepository.Main, (attributes, content), (file, Lines));
        var head = await _repository.CommitAsync("head", (file, LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, (file, LastChangedOtherwise));

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Applied>();
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head));
    }

    [TimedTheory]
    [InlineData("k/.gitattributes", "[attr]frozen -merge\n*.lock frozen\n")]
    [InlineData("k/.gitattributes", "!*.lock -merge\n")]
    [InlineData("other/.gitattributes", "*.lock -merge\n")]
    [InlineData("k/.gitattributes", "deep/*.lock -merge\n")]
    [InlineData("k/.gitattributes", "k/a.lock -merge\n")]
    [InlineData("k/.gitattributes/.gitattributes", "* -merge\n")]
    [InlineData("k/gitattributes", "* -merge\n")]
    public async Task What_says_nothing_about_a_file_does_not_decide_its_merge(string attributes, string content)
    {
        await _repository.CommitAsync(TestRepository.Main, (attributes, content), ("k/a.lock", Lines));
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged));

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Applied>();
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head));
    }

    [TimedFact]
    public async Task A_deeper_file_of_attributes_beats_one_above_it()
    {
        await _repository.CommitAsync(
            TestRepository.Main, (".gitattributes", "*.lock -merge\n"), ("k/.gitattributes", "*.lock merge\n"), ("k/a.lock", Lines), ("b.lock", Lines));
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged), ("b.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged), ("b.lock", FirstChanged));

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Conflict>().Which.Paths.Should().Equal("b.lock");
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head));
    }

    [TimedFact]
    public async Task A_link_is_no_file_of_attributes()
    {
        await _repository.CommitAsync(TestRepository.Main, ("rules", "*.lock -merge\n"), ("k/a.lock", Lines));
        await _repository.CommitScriptAsync(TestRepository.Main, "ln -s ../rules k/.gitattributes");
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged));

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Applied>();
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head));
    }

    [TimedTheory]
    [InlineData("k/.gitattributes")]
    [InlineData(".gitattributes")]
    public async Task Attributes_of_the_base_decide_the_merge_of_the_head(string attributes)
    {
        await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", Lines));
        var @base = await _repository.CommitAsync("base", (attributes, "*.lock -merge\n"));
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged));

        var result = await _merging.ApplyAsync(target, @base, head);

        result.Should().BeOfType<ApplyResult.Conflict>().Which.Side.Should().Be(BuildFailedSides.Head);
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, @base, head));
    }

    [TimedTheory]
    [InlineData("k/.gitattributes")]
    [InlineData(".gitattributes")]
    public async Task Attributes_that_the_base_has_taken_away_do_not_decide_the_merge_of_the_head(string attributes)
    {
        await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", Lines), (attributes, "*.lock -merge\n"));
        var @base = await _repository.CommitAsync("base", (attributes, null));
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged));

        var result = await _merging.ApplyAsync(target, @base, head);

        result.Should().BeOfType<ApplyResult.Applied>();
        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, @base, head));
    }

    [TimedTheory]
    [InlineData("k/.gitattributes", "*.lock -merge\n", FirstChanged)]
    [InlineData(".gitattributes", "*.lock merge=union\n", LastChangedOtherwise)]
    public async Task Attributes_of_the_head_itself_do_not_decide_its_merge(string attributes, string content, string inTarget)
    {
        await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", Lines));
        var head = await _repository.CommitAsync("head", (attributes, content), ("k/a.lock", LastChanged));
        var target = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", inTarget));

        var result = await _merging.ApplyAsync(target, head);

        (await DescribeAsync(result)).Should().Be(await ByGitAsync(target, head)).And.Be(inTarget == FirstChanged ? await DescribeAsync(result) : $"conflict with {head}");
    }

    [TimedFact]
    public async Task A_target_that_has_moved_has_the_attributes_that_it_has_now()
    {
        var first = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", Lines), ("k/.gitattributes", "*.lock -merge\n"), ("j/.gitattributes", "*.lock -merge\n"));
        var head = await _repository.CommitAsync("head", ("k/a.lock", LastChanged));
        var forbidding = await _repository.CommitAsync(TestRepository.Main, ("k/a.lock", FirstChanged));
        var allowing = await _repository.CommitAsync(TestRepository.Main, ("k/.gitattributes", "*.lock merge\n"), ("j/.gitattributes", null));

        ApplyResult[] results = [await _merging.ApplyAsync(first, head), await _merging.ApplyAsync(forbidding, head), await _merging.ApplyAsync(allowing, head), await _merging.ApplyAsync(forbidding, head)];

        results.Select(static result => result is ApplyResult.Applied).Should().Equal(true, false, true, false);
    }

    [TimedFact]
    public async Task What_lies_where_changes_are_merged_decides_nothing()
    {
        await _repository.CommitAsync(TestRepository.Main, ("a.lock", Lines), ("k/a.lock", Lines));
        var head = await _repository.CommitAsync("head", ("a.lock", LastChanged), ("k/a.lock", LastChanged));
        await _repository.CommitAsync(TestRepository.Main, ("a.lock", FirstChanged), ("k/a.lock", FirstChanged));
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["sh", "-c", "mkdir -p $WORK/merge/k; echo '* -merge' | tee $WORK/merge/.gitattributes $WORK/merge/k/.gitattributes > $WORK/merge/info/attributes"];
            options.Environment["WORK"] = Path.Combine(options.StateDirectory!, "work", "1");
        });
        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    [TimedFact]
    public async Task Nothing_is_left_of_the_attributes_of_directories_whose_names_are_not_utf_8()
    {
        const string Directory = """ "$(printf 'caf\351')/$(printf 'd\377')" """;
        await _repository.CommitScriptAsync(TestRepository.Main, $"mkdir -p {Directory}; cd {Directory}; echo '* -merge' > .gitattributes; printf '{Lines}' > a.lock");
        var head = await _repository.CommitScriptAsync("head", $"cd {Directory}; printf '{LastChanged}' > a.lock");
        var target = await _repository.CommitScriptAsync(TestRepository.Main, $"cd {Directory}; printf '{FirstChanged}' > a.lock");

        var result = await _merging.ApplyAsync(target, head);

        result.Should().BeOfType<ApplyResult.Conflict>();
        System.IO.Directory.EnumerateFileSystemEntries(_merging.Scratch).Should().BeEmpty();
    }

    [TimedFact]
    public void Nothing_is_left_of_the_attributes_of_a_directory_that_can_have_no_place()
    {
        var path = Path.Combine(_merging.Scratch, "attributes");
        var file = Encoding.ASCII.GetBytes($"a/{new string('b', 300)}/.gitattributes");

        AttributesDirectory.Create(path, new TreeAttributes("", [new AttributesFile(file, default)])).Dispose();

        System.IO.Directory.Exists(path).Should().BeFalse();
    }

    private async Task<string> DescribeAsync(ApplyResult result) => result switch
    {
        ApplyResult.Conflict conflict => $"conflict with {conflict.CommitId}",
        ApplyResult.Applied applied => await _repository.ShellAsync($"GIT_ALTERNATE_OBJECT_DIRECTORIES={_merging.ObjectsDirectory} git rev-parse {applied.Head.CommitId}^{{tree}}"),
        _ => result.ToString(),
    };

    private Task<string> ByGitAsync(string target, params string[] changes) => MergedByGit.DescribeAsync(_repository, target, changes);
}
