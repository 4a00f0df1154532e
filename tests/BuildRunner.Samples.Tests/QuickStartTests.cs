using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Samples.Tests;

[Slow]
public sealed class QuickStartTests : IAsyncLifetime
{
    private const int Succeeded = 0;
    private const int Failed = 1;
    private const int Rejected = 2;
    private const int Cancelled = 3;

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_head_that_fails_is_shown_with_the_end_of_its_log()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, "--", "sh", "-c", "seq 1000 1100; exit 7");

        result.ExitCode.Should().Be(Failed);
        result.Snapshot["failure_kind"].Should().Be("code");
        result.Output.Should().Contain("| 1100\n").And.Contain("| 1082\n").And.NotContain("| 1000\n");
    }

    [TimedFact]
    public async Task A_head_that_conflicts_is_shown_with_the_paths()
    {
        var target = await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await _repository.GitAsync("checkout", "--quiet", "-b", "head", "main~1");
        await _repository.CommitAsync("head", ("target.txt", "of head\n"));

        var result = await QuickStartProgram.RunAsync(_repository, "--target", target, "--head", "head", "--", "true");

        result.ExitCode.Should().Be(Failed);
        result.Snapshot["failure_kind"].Should().Be("conflict");
        result.Snapshot["failed_side"].Should().Be("head");
        result.Snapshot["conflict_paths"].Should().Be("target.txt");
    }

    [TimedFact]
    public async Task A_base_that_conflicts_is_told_apart_from_the_head()
    {
        await _repository.CommitAsync("base", ("target.txt", "of base\n"));
        await _repository.CommitAsync("head", ("head.txt", ""));
        await _repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));

        var result = await QuickStartProgram.RunAsync(_repository, "--target", "main", "--base", "base", "--head", "head", "--", "true");

        result.ExitCode.Should().Be(Failed);
        result.Snapshot["failed_side"].Should().Be("base");
    }

    [TimedFact]
    public async Task A_base_that_fails_is_blamed_where_that_is_asked_for()
    {
        await _repository.CommitAsync("base", ("broken.txt", ""));
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, "--target", "main", "--base", "base", "--head", "head", "--blame", "--", "test", "!", "-e", "broken.txt");

        result.ExitCode.Should().Be(Failed);
        result.Snapshot["failure_kind"].Should().Be("code");
        result.Snapshot["failed_side"].Should().Be("base");
    }

    [TimedFact]
    public async Task What_has_succeeded_is_not_run_again_where_that_is_asked_for()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));
        string[] arguments = ["--reuse", "--", "sh", "-c", $"echo >> {_repository["runs"]}"];
        var first = await QuickStartProgram.RunAsync(_repository, arguments);

        var second = await QuickStartProgram.RunAsync(_repository, arguments);

        (first.ExitCode, second.ExitCode).Should().Be((Succeeded, Succeeded));
        first.Snapshot.Should().NotContainKey("reused_from");
        second.Snapshot["reused_from"].Should().StartWith("git-");
        File.ReadAllLines(_repository["runs"]).Should().ContainSingle();
    }

    [TimedFact]
    public async Task Bases_and_heads_are_applied_in_the_order_in_which_they_are_named()
    {
        string[] names = ["one", "two", "three", "four"];
        Dictionary<string, string> commits = [];
        foreach (var name in names)
        {
            commits[name] = await _repository.CommitAsync(name, ($"{name}.txt", ""));
        }

        var applied = _repository["applied"];
        var result = await QuickStartProgram.RunAsync(
            _repository,
            ["--target", "main", "--head", "two", "--base", "four", "--head", "one", "--base", "three", "--", "sh", "-c", $"git log --first-parent --reverse --merges --format=%P > {applied}"]);

        result.ExitCode.Should().Be(Succeeded);
        File.ReadAllLines(applied).Select(static parents => parents.Split(' ')[1])
            .Should().Equal(commits["four"], commits["three"], commits["two"], commits["one"]);
    }

    [TimedTheory]
    [InlineData("--head")]
    [InlineData("--base")]
    [InlineData("--target")]
    public async Task A_name_with_a_typo_is_a_sentence_and_not_a_crash(string option)
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, option, "no-such-branch", "--", "true");

        ShouldBeRejected(result);
        result.Error.Should().Contain("no-such-branch");
    }

    [TimedTheory]
    [InlineData("^main")]
    [InlineData("main..head")]
    [InlineData("main:target.txt")]
    [InlineData("")]
    public async Task What_is_not_one_commit_is_refused(string head)
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, "--target", "main", "--head", head, "--", "true");

        ShouldBeRejected(result);
    }

    [TimedTheory]
    [InlineData("HEAD")]
    [InlineData("head")]
    [InlineData("refs/heads/head")]
    [InlineData("v1")]
    [InlineData("head~0")]
    [InlineData(null)]
    public async Task A_head_can_be_named_as_git_would_have_it(string? name)
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await _repository.GitAsync("tag", "--annotate", "--message", "v1", "v1");

        var result = await QuickStartProgram.RunAsync(_repository, "--head", name ?? head, "--", "test", "-e", "head.txt");

        result.ExitCode.Should().Be(Succeeded, result.Error);
    }

    [TimedFact]
    public async Task The_first_commit_needs_a_target()
    {
        var without = await QuickStartProgram.RunAsync(_repository, "--", "true");
        var with = await QuickStartProgram.RunAsync(_repository, "--target", "HEAD", "--", "true");

        ShouldBeRejected(without);
        without.Error.Should().Contain("--target");
        with.ExitCode.Should().Be(Succeeded);
    }

    [TimedFact]
    public async Task A_command_that_is_blank_is_refused()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, "--", " ");

        ShouldBeRejected(result);
    }

    [TimedFact]
    public async Task A_state_directory_in_the_repository_is_refused()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var state = Path.Combine(_repository.Path, "state");
        var result = await QuickStartProgram.RunAsync(_repository, "--state", state, "--", "true");

        ShouldBeRejected(result);
        result.Error.Should().Contain(state);
        Directory.Exists(state).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("a;b")]
    [InlineData("a'b\" c=d")]
    public async Task A_state_directory_may_have_any_name(string name)
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(_repository, "--state", _repository[name], "--", "true");

        result.ExitCode.Should().Be(Succeeded, result.Error);
        File.Exists(Path.Combine(_repository[name], "builds.db")).Should().BeTrue();
    }

    /// <summary>Here and not with the tests of the runner, because here the process around it surely has something to read from.</summary>
    [TimedFact]
    public async Task The_command_has_nothing_to_read()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));

        await QuickStartProgram.RunAsync(_repository, "--", "sh", "-c", $"readlink /proc/self/fd/0 > {_repository["input"]}");

        File.ReadAllText(_repository["input"]).Should().Be("/dev/null\n");
    }

    [TimedTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_cancels_the_build(string signal)
    {
        await _repository.CommitAsync("head", ("head.txt", ""));
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var never = await Fifo.CreateAsync(_repository["never"]);
        var program = QuickStartProgram.Start(_repository, "--", "sh", "-c", $"echo $$ > {started.Path}; read x < {never.Path}");
        var process = await started.ReadLineAsync();

        await program.SignalAsync(signal);
        var result = await program.Ended;

        result.ExitCode.Should().Be(Cancelled);
        result.Snapshot.Should().ContainKey("Cancelled");
        result.Output.Split('\n').Count(static line => line.Contains("Running", StringComparison.Ordinal)).Should().BeLessThanOrEqualTo(1);
        Directory.Exists($"/proc/{process}").Should().BeFalse();
    }

    [TimedFact]
    public async Task After_a_kill_the_same_build_is_followed_to_its_end()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        string[] arguments = ["--json", "--", "sh", "-c", $"echo $$ > {started.Path}; read x < {gate.Path}"];
        var first = QuickStartProgram.Start(_repository, arguments);
        await started.ReadLineAsync();

        await first.SignalAsync("KILL");
        var killed = await first.Ended;
        var second = QuickStartProgram.Start(_repository, arguments);
        await started.ReadLineAsync();
        gate.Release();
        var result = await second.Ended;

        result.ExitCode.Should().Be(Succeeded, result.Error);
        IdsOf(killed).Concat(IdsOf(result)).Distinct().Should().ContainSingle();
        Directory.EnumerateFiles(_repository["state"], "result.json", SearchOption.AllDirectories).Should().ContainSingle();
    }

    [TimedFact]
    public async Task Beside_one_that_runs_a_build_of_its_own_is_made()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        string[] arguments = ["--json", "--", "sh", "-c", $"echo $$ > {started.Path}; read x < {gate.Path}"];
        var first = QuickStartProgram.Start(_repository, arguments);
        await started.ReadLineAsync();

        var second = QuickStartProgram.Start(_repository, arguments);
        await started.ReadLineAsync();
        gate.Release();
        gate.Release();
        var results = await Task.WhenAll(first.Ended, second.Ended);

        results.Should().OnlyContain(static result => result.ExitCode == Succeeded);
        IdsOf(results[0]).Should().NotIntersectWith(IdsOf(results[1]));
    }

    [TimedFact]
    public async Task A_state_directory_of_a_newer_version_is_a_sentence()
    {
        await _repository.CommitAsync("head", ("head.txt", ""));
        await QuickStartProgram.RunAsync(_repository, "--", "true");
        await using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_repository["state"], "builds.db"), Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE queue_schema SET version = 1000, oldest = 1000";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var result = await QuickStartProgram.RunAsync(_repository, "--", "true");

        ShouldBeRejected(result);
        result.Error.Trim().Should().NotContain("\n");
    }

    private static IEnumerable<string> IdsOf(SampleProgram.Result result) => result.Output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!)
        .Distinct();

    private static void ShouldBeRejected(SampleProgram.Result result)
    {
        result.ExitCode.Should().Be(Rejected, result.Error);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ").And.NotContain("Exception");
        result.Output.Should().NotContain("Accepted");
    }
}
