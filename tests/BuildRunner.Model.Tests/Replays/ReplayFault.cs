namespace BuildRunner.Model.Tests.Replays;

/// <summary>Represents a mistake of the product, made in its store, that a replay must find.</summary>
internal sealed record ReplayFault
{
    /// <summary>Gets the topic whose messages are lost that a save publishes, or <see langword="null"/> for none.</summary>
    public string? LosesTopic { get; init; }

    /// <summary>Gets a value indicating whether a save does not look at the document that it depends on.</summary>
    public bool IgnoresGuards { get; init; }

    /// <summary>Gets a value indicating whether documents are saved whatever their version is.</summary>
    public bool ComparesNoDocuments { get; init; }

    /// <summary>Gets a value indicating whether documents are not saved with the builds that depend on them.</summary>
    public bool LosesDocuments { get; init; }

    /// <summary>Gets a value indicating whether it is forgotten since when a build is reported as cancelled.</summary>
    public bool ForgetsSettling { get; init; }
}
