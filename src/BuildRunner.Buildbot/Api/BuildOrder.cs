using BuildRunner.Http;

namespace BuildRunner.Buildbot.Api;

/// <summary>Represents what a build request must build: the document of a request, or a branch and its commit.</summary>
internal sealed record BuildOrder(BuildRequest? Request, string? Branch, string? Revision)
{
    public BuildMetadata Metadata => Request?.Metadata ?? new BuildMetadata([new(BuildMetadataKeys.Commit, Revision!)]);

    /// <summary>Reads the document, or returns <see langword="null"/> if the runner did not send the build request.</summary>
    public static BuildOrder? Of(BuildRequestRow row) =>
        RequestDocument.Read(row.Property(BuildbotMaster.RequestProperty)) is { } request ? new BuildOrder(request, null, null) : null;

    /// <summary>Reads the branch and the commit, or returns <see langword="null"/> if the build set has none.</summary>
    public static BuildOrder? Of(BuildsetRow set) =>
        set.Sourcestamps is [{ Branch: { Length: > 0 } branch, Revision: { Length: > 0 } revision }]
            ? new BuildOrder(null, branch, revision)
            : null;

    public bool IsOf(BuildRequest request) => Request is null
        ? MergedRevision.Of(request) is var revision && (revision.Branch, revision.CommitId) == (Branch, Revision)
        : Request.Base.SequenceEqual(request.Base) && Request.Head.SequenceEqual(request.Head);
}
