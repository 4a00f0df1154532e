namespace BuildRunner.Testing;

/// <summary>Represents a call of <see cref="FakeBuildRunner.TriggerAsync"/>, for assertions.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record FakeTrigger
{
    /// <summary>Initializes a new instance of the <see cref="FakeTrigger"/> class.</summary>
    /// <param name="request">The request.</param>
    /// <param name="buildId">The build that was created or found, or <see langword="null"/> if there is none.</param>
    public FakeTrigger(BuildRequest request, BuildId? buildId) => (Request, BuildId) = (request, buildId);

    /// <summary>Gets the request.</summary>
    public BuildRequest Request { get; }

    /// <summary>Gets the build that was created or found, even if the caller did not learn of it, or <see langword="null"/> if there is
    /// none.</summary>
    public BuildId? BuildId { get; }
}
