using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Samples.Tests;

/// <summary>The three ways in which the quick start shows a build.</summary>
[Slow]
public sealed class QuickStartViewTests : IAsyncLifetime
{
    private static readonly string[] Members = ["id", "status", "metadata"];

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("head", ("head.txt", ""));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("exit 0", 0, "succeeded")]
    [InlineData("echo noise; exit 1", 1, "failed")]
    public async Task For_programs_there_is_a_line_of_JSON_for_each_change_and_nothing_else(string script, int exitCode, string status)
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--json", "--", "sh", "-c", script);

        result.ExitCode.Should().Be(exitCode, result.Error);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Should().OnlyContain(static line => line.EnumerateObject().Select(static member => member.Name).SequenceEqual(Members));
        lines.Select(static line => line.GetProperty("id").GetString()).Distinct().Should().ContainSingle().Which.Should().StartWith("git-");
        lines[^1].GetProperty("status").GetString().Should().Be(status);
        lines[^1].GetProperty("metadata").GetProperty("commit").GetString().Should().MatchRegex("^[0-9a-f]{40}$");
        lines.SkipLast(1).Select(static line => line.GetProperty("status").GetString()).Should().BeSubsetOf(["accepted", "running"]);
    }

    [TimedFact]
    public async Task For_programs_what_is_rejected_is_no_line()
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--json", "--head", "no-such-branch", "--", "true");

        (result.ExitCode, result.Output).Should().Be((2, ""));
        result.Error.Should().Contain("no-such-branch");
    }

    [TimedFact]
    public async Task At_a_terminal_the_end_of_the_log_and_the_snapshot_are_shown()
    {
        var command = $"dotnet {Path.Combine(AppContext.BaseDirectory, "QuickStart.dll")} --repo {_repository.Path} --state {_repository["state"]} -- sh -c 'printf \"\\033[31mred\\033[0m \\033[2J[bold]\\n\"; exit 1'";
        var result = await Cli.Wrap("script")
            .WithArguments(["--quiet", "--return", "--command", command, "/dev/null"])
            .WithEnvironmentVariables(static environment => environment.Set("TERM", "xterm"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        result.ExitCode.Should().Be(1);
        result.StandardOutput.Should().Contain("│ red [bold]").And.Contain("Failed").And.Contain("failure_kind").And.NotContain("\e[2J");
    }

    [TimedFact]
    public async Task A_build_is_stopped_at_its_time_out()
    {
        using var never = await Fifo.CreateAsync(_repository["never"]);

        var result = await QuickStartProgram.RunAsync(_repository, "--timeout", "00:00:00.5", "--", "sh", "-c", $"read x < {never.Path}");

        result.ExitCode.Should().Be(1, result.Error);
        result.Snapshot["failure_kind"].Should().Be("timeout");
    }

    [TimedTheory]
    [InlineData("soon")]
    [InlineData("20")]
    [InlineData("20d")]
    [InlineData("10000h")]
    [InlineData("")]
    [InlineData("-00:01:00")]
    [InlineData("00:00:00")]
    public async Task A_time_out_that_is_none_is_refused(string timeout)
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--timeout", timeout, "--", "true");

        result.ExitCode.Should().Be(2, result.Error);
        result.Error.Trim().Should().Contain("20m").And.NotContain("\n").And.NotContain("Options");
    }

    [TimedFact]
    public async Task Output_that_cannot_be_written_cancels_the_build()
    {
        using var never = await Fifo.CreateAsync(_repository["never"]);
        var arguments = $"\"{Path.Combine(AppContext.BaseDirectory, "QuickStart.dll")}\" --repo \"{_repository.Path}\" --state \"{_repository["state"]}\" --json -- sh -c 'read x < {never.Path}'";

        var result = await Cli.Wrap("sh").WithArguments(["-c", $"dotnet {arguments} > /dev/full"]).WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        result.ExitCode.Should().Be(2, result.StandardError);
        result.StandardError.Trim().Should().Contain("cancelled").And.NotContain("\n");
        Directory.EnumerateFiles(_repository["state"], "result.json", SearchOption.AllDirectories).Select(File.ReadAllText)
            .Where(static state => !state.Contains("cancelled", StringComparison.Ordinal)).Should().BeEmpty("what was triggered was cancelled, and it may not have come to that");
    }

    [TimedFact]
    public async Task Output_that_cannot_be_written_at_all_builds_nothing()
    {
        var arguments = $"\"{Path.Combine(AppContext.BaseDirectory, "QuickStart.dll")}\" --repo \"{_repository.Path}\" --state \"{_repository["state"]}\" -- true";

        var result = await Cli.Wrap("sh").WithArguments(["-c", $"dotnet {arguments} > /dev/full"]).WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        result.ExitCode.Should().Be(2, result.StandardError);
        result.StandardError.Trim().Should().NotBeEmpty().And.NotContain("\n");
        Directory.Exists(_repository["state"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task What_is_done_is_said_before_anything_is_built()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var program = QuickStartProgram.Start(_repository, "--", "sh", "-c", $"echo $$ > {started.Path}; read x < {gate.Path}");

        await started.ReadLineAsync();
        var isSaid = program.Lines.TryRead(out var line) && line.StartsWith("Verifying", StringComparison.Ordinal);
        gate.Release();
        var result = await program.Ended;

        isSaid.Should().BeTrue(line);
        result.ExitCode.Should().Be(0, result.Error);
    }

    [TimedFact]
    public async Task What_the_command_puts_out_is_shown_as_text_and_in_lines_that_can_be_read()
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--", "sh", "-c", @"printf '\377\376 first\n'; head -c 100000 /dev/zero | tr '\0' x; printf '\n\033[2Jlast\n'; exit 1");

        result.Output.Should().Contain(" first\n").And.Contain("| last\n").And.NotContain("\e");
        result.Output.Length.Should().BeLessThan(3000);
    }
}
