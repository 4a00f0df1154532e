namespace BuildRunner.Orchestration;

/// <summary>Represents the error of a submission with the key of another build.</summary>
public sealed class BuildKeyConflictException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="BuildKeyConflictException"/> class.</summary>
    public BuildKeyConflictException()
        : this("The key belongs to another build.")
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildKeyConflictException"/> class.</summary>
    /// <param name="message">The key, and what to do.</param>
    public BuildKeyConflictException(string? message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="BuildKeyConflictException"/> class.</summary>
    /// <param name="message">The key, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public BuildKeyConflictException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the <see cref="Build.Id"/> of the build that has the key, or <see langword="null"/> if it is unknown.</summary>
    public Guid? Id { get; init; }
}
