using System.Runtime.CompilerServices;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A theory. A case that hangs fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TimedTheoryAttribute : TheoryAttribute
{
    public TimedTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Timeout = TimedFactAttribute.Milliseconds;
}
