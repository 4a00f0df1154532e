namespace BuildRunner.Git.Tests.Isolation;

/// <summary>The configuration of the user's repository has no effect; committed files do.</summary>
[Slow]
public sealed class UserConfigurationTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private string _traces = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _traces = Directory.CreateDirectory(_repository["traces"]).FullName;
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task The_merge_attributes_of_the_target_are_honoured()
    {
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", "CHANGES merge=union\n"), ("CHANGES", "start\n"));
        var head = await _repository.CommitAsync("head", ("CHANGES", "start\nhead\n"));
        await _repository.CommitAsync(TestRepository.Main, ("CHANGES", "start\nmain\n"));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["cat", "CHANGES"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal("start", "main", "head");
    }

    [TimedFact]
    public async Task The_attributes_of_one_target_are_not_those_of_the_next()
    {
        var plain = await _repository.CommitAsync(TestRepository.Main, ("CHANGES", "start\n"));
        var head = await _repository.CommitAsync("head", ("CHANGES", "start\nhead\n"));
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", "CHANGES merge=union\n"), ("CHANGES", "start\nmain\n"));
        await using var runner = new TestRunner(_repository);
        await runner.BuildAsync(head);
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", null));

        var build = await runner.BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict, "the target, once more without attributes, comes from {0}", plain);
    }

    [TimedFact]
    public async Task The_attributes_that_a_change_brings_do_not_decide_its_own_merge()
    {
        await _repository.CommitAsync(TestRepository.Main, ("CHANGES", "start\n"));
        var head = await _repository.CommitAsync("head", (".gitattributes", "CHANGES merge=union\n"), ("CHANGES", "start\nhead\n"));
        await _repository.CommitAsync(TestRepository.Main, ("CHANGES", "start\nmain\n"));
        await _repository.GitAsync("checkout", "--quiet", "head");
        await using var runner = new TestRunner(_repository);

        var build = await runner.BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
    }

    [TimedFact]
    public async Task A_merge_driver_of_the_user_never_runs()
    {
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", "* merge=mine\n"));
        var head = await _repository.CommitAsync("head", ("target.txt", "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await _repository.GitAsync("config", "merge.mine.driver", $"touch {_traces}/driver");

        var build = await BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        Traces.Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_filter_of_the_user_never_runs()
    {
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", "*.txt filter=mine\n"));
        var head = await _repository.CommitAsync("head", ("head.txt", "as it is\n"));
        foreach (var direction in new[] { "smudge", "clean", "process" })
        {
            await _repository.GitAsync("config", $"filter.mine.{direction}", $"touch {_traces}/{direction}");
        }

        await _repository.GitAsync("config", "filter.mine.required", "true");

        var build = await BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded);
        build.Lines.Should().Contain("as it is");
        Traces.Should().BeEmpty();
    }

    [TimedFact]
    public async Task No_hook_of_the_user_ever_runs()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        var hooks = Path.Combine(_repository.Path, ".git", "hooks");
        Directory.CreateDirectory(hooks);
        string[] names =
        [
            "post-checkout", "reference-transaction", "post-index-change", "pre-commit", "commit-msg", "prepare-commit-msg", "post-commit",
            "pre-merge-commit", "post-merge", "pre-auto-gc", "fsmonitor-watchman",
        ];
        foreach (var name in names)
        {
            WriteScript(Path.Combine(hooks, name), name);
        }

        await _repository.GitAsync("config", "core.fsmonitor", Path.Combine(hooks, "fsmonitor-watchman"));
        await _repository.GitAsync("config", "core.hooksPath", hooks);

        var build = await BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded);
        Traces.Should().BeEmpty();
    }

    [TimedFact]
    public async Task Replace_references_of_the_user_are_ignored()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", "real\n"));
        var replacement = await _repository.CommitAsync("replacement", ("head.txt", "replaced\n"));
        await _repository.GitAsync("replace", head, replacement);
        await using var runner = new TestRunner(_repository, static options => options.Command = ["cat", "head.txt"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal("real");
    }

    [TimedFact]
    public async Task The_private_exclusions_and_attributes_of_the_user_are_ignored()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", "line\n"), ("target.txt", "of head\n"));
        var info = Directory.CreateDirectory(Path.Combine(_repository.Path, ".git", "info")).FullName;
        File.WriteAllText(Path.Combine(info, "attributes"), "*.txt text eol=crlf merge=binary\n");
        File.WriteAllText(Path.Combine(info, "exclude"), "*.txt\n");
        await _repository.GitAsync("config", "core.autocrlf", "true");
        await _repository.GitAsync("config", "core.eol", "crlf");

        var build = await BuildAsync(head);

        build.Log.Should().Contain("line\n").And.NotContain("\r");
    }

    /// <summary>By <see cref="HostileEnvironment"/> the attributes of the account have every file merged as a whole.</summary>
    [TimedFact]
    public async Task The_attributes_of_the_account_are_ignored()
    {
        await _repository.CommitAsync(TestRepository.Main, ("both.txt", "1\n2\n3\n4\n5\n"));
        var head = await _repository.CommitAsync("head", ("both.txt", "1\n2\n3\n4\nfive\n"));
        await _repository.CommitAsync(TestRepository.Main, ("both.txt", "one\n2\n3\n4\n5\n"));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["cat", "both.txt"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal("one", "2", "3", "4", "five");
    }

    private string[] Traces => [.. Directory.GetFiles(_traces).Select(static path => Path.GetFileName(path))];

    private async Task<FinishedBuild> BuildAsync(string head)
    {
        await using var runner = new TestRunner(_repository, static options => options.Command = ["sh", "-c", "cat *.txt; git status --porcelain"]);
        return await runner.BuildAsync(head);
    }

    private void WriteScript(string path, string trace)
    {
        File.WriteAllText(path, $"#!/bin/sh\ntouch {_traces}/{trace}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
