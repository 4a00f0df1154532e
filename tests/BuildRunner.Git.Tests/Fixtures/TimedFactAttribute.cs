using System.Runtime.CompilerServices;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A fact that fails when it hangs: what the fixtures wait for is abandoned by the token of the test.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TimedFactAttribute : FactAttribute
{
    public TimedFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Timeout = Milliseconds;

    // Far more than any test needs, also on a busy machine.
    internal const int Milliseconds = 900_000;
}
