using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BuildRunner.Buildkite.Api;

/// <summary>What this process knows of a build.</summary>
internal sealed class KnownBuild(BuildMetadata metadata)
{
    /// <summary>Whether the build waits to be unblocked, and Buildkite has refused to cancel it.</summary>
    public volatile bool IsGivenUp;

    /// <summary>When it was last asked to be cancelled. What was read before that says nothing.</summary>
    public volatile StrongBox<long>? CancelledAt;

    /// <summary>The latest reading of the build alone, if it is blocked: no list shows it then.</summary>
    public volatile BuildReading? Blocked;

    private BuildSnapshot? _final;

    /// <summary>Gets the metadata of the request.</summary>
    public BuildMetadata Metadata => metadata;

    /// <summary>Gets about how many characters that is.</summary>
    public int Length => metadata.Keys.Sum(key => key.Length + metadata[key].Length);

    public BuildSnapshot? Final => Volatile.Read(ref _final);

    public static KnownBuild Of(BuildRow row)
    {
        try
        {
            var text = BuildkiteJson.TextOf(row.Env, BuildkiteApi.RequestVariable);
            return new(text is null ? BuildMetadata.Empty
                : JsonSerializer.Deserialize(text, BuildkiteJson.Default.BuildRequest)?.Metadata ?? BuildMetadata.Empty);
        }
        catch (JsonException)
        {
            // Somebody else's build.
            return new(BuildMetadata.Empty);
        }
    }

    /// <summary>Keeps how the build has ended. The first stays.</summary>
    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
}

/// <summary>A build, and when its read began: a time stamp.</summary>
internal sealed record BuildReading(BuildRow Row, long ReadAt);

/// <summary>A build that was created for a key, and the word of what it builds.</summary>
internal sealed record CreatedBuild(long Number, string? Digest);
