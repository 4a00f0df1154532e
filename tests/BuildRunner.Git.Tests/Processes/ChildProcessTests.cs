using System.ComponentModel;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Tests.Processes;

/// <summary>Tests the class directly, because another wait cannot be forced to come first from the outside.</summary>
public sealed class ChildProcessTests
{
    [TimedFact]
    public async Task An_exit_code_that_somebody_else_has_taken_is_not_taken_for_success()
    {
        using var child = ChildProcess.Start("/bin/sh", ["sh", "-c", "exit 7"], new Dictionary<string, string>(), "/");
        await child.Ended.WaitAsync(TestContext.Current.CancellationToken);

        var first = child.Reap();
        var second = child.Reap;

        first.Should().Be(new ProcessEnd(ExitCode: 7, Signal: 0));
        second.Should().Throw<Win32Exception>();
    }

    [TimedTheory]
    [InlineData("exit 137", 137, 0)]
    [InlineData("kill -KILL $$", 0, 9)]
    [InlineData("sh -c 'kill -KILL $$'; exit $?", 137, 0)]
    public async Task An_exit_code_and_a_signal_are_told_apart(string script, int exitCode, int signal)
    {
        using var child = ChildProcess.Start("/bin/sh", ["sh", "-c", script], new Dictionary<string, string>(), "/");
        await child.Ended.WaitAsync(TestContext.Current.CancellationToken);

        child.Reap().Should().Be(new ProcessEnd(exitCode, signal));
    }
}
