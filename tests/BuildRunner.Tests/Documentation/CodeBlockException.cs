namespace BuildRunner.Tests.Documentation;

/// <summary>A block of the documentation that does not do what a reader would expect: compile and run.</summary>
public sealed class CodeBlockException : Exception
{
    public CodeBlockException()
    {
    }

    public CodeBlockException(string? message)
        : base(message)
    {
    }

    public CodeBlockException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
