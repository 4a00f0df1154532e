using System.Runtime.CompilerServices;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.Buildkite.Api;

/// <summary>What this process knows of a build.</summary>
internal sealed class BuildkiteBuild(BuildMetadata? metadata) : KnownBuild(metadata)
{
    // It waits to be unblocked, and Buildkite has refused to cancel it.
    public volatile bool IsGivenUp;

    // When its last cancel was sent: a time stamp.
    public volatile StrongBox<long>? CancelledAt;

    // The latest reading of the build alone, if it is blocked: no list shows it then.
    public volatile BuildReading? Blocked;

    // Somebody else's has no document.
    public static BuildkiteBuild Of(BuildRow row) =>
        new(RequestDocument.Read(BuildkiteJson.TextOf(row.Env, BuildkiteApi.RequestVariable))?.Metadata);
}

/// <summary>A build, and when its read began: a time stamp.</summary>
internal sealed record BuildReading(BuildRow Row, long ReadAt);

/// <summary>A build that was created for a key, and the word of what it builds.</summary>
internal sealed record CreatedBuild(BuildId Id, long Number, string? Digest);
