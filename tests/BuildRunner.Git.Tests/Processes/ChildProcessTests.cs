using System.ComponentModel;
using System.Reflection;

namespace BuildRunner.Git.Tests.Processes;

/// <summary>By reflection, because from the outside somebody else's wait cannot be made to come first.</summary>
public sealed class ChildProcessTests
{
    private static readonly string[] Arguments = ["sh", "-c", "exit 7"];

    [TimedFact]
    public async Task An_exit_code_that_somebody_else_has_taken_is_not_taken_for_success()
    {
        var type = typeof(GitBuildRunner).Assembly.GetType("BuildRunner.Git.Processes.ChildProcess", throwOnError: true)!;
        var start = type.GetMethod("Start")!;
        var reap = type.GetMethod("Reap")!;
        using var child = (IDisposable)start.Invoke(null, ["/bin/sh", Arguments, new Dictionary<string, string>(), "/"])!;
        await ((Task)type.GetProperty("Ended")!.GetValue(child)!).WaitAsync(TestContext.Current.CancellationToken);

        var first = reap.Invoke(child, []);
        var second = () => reap.Invoke(child, []);

        first.Should().Be(7);
        second.Should().Throw<TargetInvocationException>().WithInnerException<Win32Exception>();
    }
}
