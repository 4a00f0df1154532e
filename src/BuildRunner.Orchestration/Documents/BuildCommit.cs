namespace BuildRunner.Orchestration;

/// <summary>Represents what a store saves in one transaction, all or nothing.</summary>
internal sealed record BuildCommit
{
    /// <summary>The documents: new with the version 1, otherwise with one more than that of the document they replace.</summary>
    public IReadOnlyList<BuildDocument> Documents { get; init; } = [];

    /// <summary>New builds, with the version 1.</summary>
    public IReadOnlyList<Build> Created { get; init; } = [];

    /// <summary>Changed builds, each with a version that is one more than that of the record it replaces.</summary>
    public IReadOnlyList<Build> Updated { get; init; } = [];

    /// <summary>The version that another document must have for the changed builds to be saved, or null for any.</summary>
    public DocumentGuard? Guard { get; init; }

    public IReadOnlyList<OutgoingMessage> Messages { get; init; } = [];
}
