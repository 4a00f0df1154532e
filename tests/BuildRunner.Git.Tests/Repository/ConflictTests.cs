namespace BuildRunner.Git.Tests.Repository;

public sealed class ConflictTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private TestRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _runner = new TestRunner(_repository, options => options.Command = ["touch", _repository["ran"]]);
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _repository.Dispose();
    }

    [TimedFact]
    public async Task A_head_that_conflicts_with_the_target_fails_the_build_on_the_side_of_head()
    {
        var head = await _repository.CommitAsync("head", ("target.txt", "of head\n"), ("other.txt", ""));
        await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, "target.txt");
    }

    [TimedFact]
    public async Task A_base_that_conflicts_fails_the_build_on_the_side_of_base()
    {
        var @base = await _repository.CommitAsync("base", ("target.txt", "of base\n"));
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));

        var build = await _runner.BuildAsync([@base], [head]);

        ShouldConflict(build, BuildFailedSides.Base, "target.txt");
    }

    [TimedFact]
    public async Task A_head_that_conflicts_with_the_base_alone_fails_on_the_side_of_head()
    {
        var @base = await _repository.CommitAsync("base", ("new.txt", "of base\n"));
        var head = await _repository.CommitAsync("head", ("new.txt", "of head\n"));

        var build = await _runner.BuildAsync([@base], [head]);

        ShouldConflict(build, BuildFailedSides.Head, "new.txt");
    }

    [TimedFact]
    public async Task A_uri_of_a_stacked_change_can_be_what_conflicts()
    {
        var first = await _repository.CommitAsync("first", ("new.txt", "of first\n"));
        var second = await _repository.CommitAsync("second", ("new.txt", "of second\n"));
        Change stacked = new([TestRunner.ChangeOf(first).Uris[0], TestRunner.ChangeOf(second).Uris[0]]);

        var build = await _runner.FinishAsync(await _runner.Runner.TriggerAsync([stacked], []));

        ShouldConflict(build, BuildFailedSides.Base, "new.txt");
    }

    [TimedTheory]
    [InlineData("with blank.txt", "with blank.txt")]
    [InlineData("dir/日本 ü.txt", "dir/日本 ü.txt")]
    [InlineData("it's.txt", "it's.txt")]
    [InlineData("a\"quote\".txt", "\"a\\\"quote\\\".txt\"")]
    [InlineData("back\\slash", "\"back\\\\slash\"")]
    [InlineData("two\nlines", "\"two\\nlines\"")]
    [InlineData("tab\tü", "\"tab\\t\\303\\274\"")]
    [InlineData("return\r", "\"return\\r\"")]
    [InlineData("bell\u0007", "\"bell\\007\"")]
    [InlineData("delete\u007F", "\"delete\\177\"")]
    public async Task Each_conflicting_path_is_one_line_quoted_as_by_git(string path, string expected)
    {
        var head = await _repository.CommitAsync("head", (path, "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, (path, "of main\n"));

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, expected);
    }

    [TimedFact]
    public async Task A_path_that_is_not_utf_8_is_quoted()
    {
        var head = await _repository.CommitScriptAsync("head", """echo of head > "$(printf 'caf\351')" """);
        await _repository.CommitScriptAsync(TestRepository.Main, """echo of main > "$(printf 'caf\351')" """);

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, "\"caf\\351\"");
    }

    [TimedFact]
    public async Task Several_conflicting_paths_are_a_line_each()
    {
        var head = await _repository.CommitAsync("head", ("b.txt", "of head\n"), ("a.txt", "of head\n"), ("fine.txt", ""));
        await _repository.CommitAsync(TestRepository.Main, ("b.txt", "of main\n"), ("a.txt", "of main\n"));

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, "a.txt\nb.txt");
    }

    [TimedFact]
    public async Task Files_that_are_not_text_conflict_as_well()
    {
        await _repository.CommitAsync(TestRepository.Main, ("image", "\0\u0001\u0002\n"));
        var head = await _repository.CommitAsync("head", ("image", "\0\u0001\u0003\n"));
        await _repository.CommitAsync(TestRepository.Main, ("image", "\0\u0001\u0004\n"));

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, "image");
    }

    [TimedFact]
    public async Task A_renamed_file_that_the_other_side_has_deleted_conflicts()
    {
        await _repository.CommitAsync(TestRepository.Main, ("old.txt", "1\n2\n3\n4\n5\n"));
        var head = await _repository.CommitAsync("head", ("old.txt", null), ("new.txt", "1\n2\n3\n4\n5\n"));
        await _repository.CommitAsync(TestRepository.Main, ("old.txt", null));

        var build = await _runner.BuildAsync(head);

        ShouldConflict(build, BuildFailedSides.Head, "new.txt");
    }

    [TimedFact]
    public async Task A_file_that_the_target_has_renamed_is_followed()
    {
        await _repository.CommitAsync(TestRepository.Main, ("old.txt", "1\n2\n3\n4\n5\n"));
        var head = await _repository.CommitAsync("head", ("old.txt", "1\n2\n3\n4\nfive\n"));
        await _repository.CommitAsync(TestRepository.Main, ("old.txt", null), ("new.txt", "1\n2\n3\n4\n5\n"));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["cat", "new.txt"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith("five");
    }

    [TimedFact]
    public async Task Histories_that_have_nothing_in_common_conflict_without_paths()
    {
        await _repository.GitAsync("checkout", "--quiet", "--orphan", "unrelated");
        await _repository.GitAsync("commit", "--quiet", "--message", "unrelated");
        var unrelated = await _repository.TipAsync("unrelated");

        var build = await _runner.BuildAsync(unrelated);

        ShouldConflict(build, BuildFailedSides.Head, paths: null);
    }

    [TimedFact]
    public async Task A_directory_that_was_renamed_to_two_conflicts_without_paths()
    {
        await _repository.CommitAsync(TestRepository.Main, ("old/a.txt", "1\n2\n3\n"), ("old/b.txt", "4\n5\n6\n"));
        var head = await _repository.CommitScriptAsync("head", "mkdir one two; git mv old/a.txt one; git mv old/b.txt two");
        await _repository.CommitAsync(TestRepository.Main, ("old/c.txt", "7\n8\n9\n"));
        var unrelated = await _repository.GitAsync("commit-tree", "main^{tree}", "-m", "unrelated");

        var build = await _runner.BuildAsync(head);
        var other = await _runner.BuildAsync(unrelated);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        build.FailedSide.Should().Be(BuildFailedSides.Head);
        build.ConflictPaths.Should().BeNull();
        other.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        build.Log.Should().NotBe(other.Log.Replace(unrelated, head, StringComparison.Ordinal), "a history in common there is");
        File.Exists(_repository["ran"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task A_build_after_a_conflict_is_not_affected_by_it()
    {
        var head = await _repository.CommitAsync("head", ("target.txt", "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await _runner.BuildAsync(head);

        var build = await _runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded);
        File.Exists(_repository["ran"]).Should().BeTrue();
    }

    private void ShouldConflict(FinishedBuild build, string side, string? paths)
    {
        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        build.FailedSide.Should().Be(side);
        build.ConflictPaths.Should().Be(paths);
        build.Commit.Should().BeNull();
        build.Log.Should().Contain(paths ?? "no history in common");
        File.Exists(_repository["ran"]).Should().BeFalse();
    }
}
