using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BuildRunner.Buildkite.Api;

/// <summary>What this process knows of a build.</summary>
internal sealed class KnownBuild(BuildMetadata metadata)
{
    // It waits to be unblocked, and Buildkite has refused to cancel it.
    public volatile bool IsGivenUp;

    public volatile StrongBox<long>? CancelledAt;

    // The latest reading of the build alone, if it is blocked: no list shows it then.
    public volatile BuildReading? Blocked;

    private volatile BuildSnapshot? _final;

    public BuildMetadata Metadata => metadata;

    public int Length => metadata.Keys.Sum(key => key.Length + metadata[key].Length);

    public BuildSnapshot? Final => _final;

    public static KnownBuild Of(BuildRow row)
    {
        try
        {
            var text = BuildkiteJson.TextOf(row.Env, BuildkiteApi.RequestVariable) ?? "null";
            return new(JsonSerializer.Deserialize(text, BuildkiteJson.Default.BuildRequest)?.Metadata ?? BuildMetadata.Empty);
        }
        catch (JsonException)
        {
            // Somebody else's.
            return new(BuildMetadata.Empty);
        }
    }

    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
}

/// <summary>A build, and when its read began: a time stamp.</summary>
internal sealed record BuildReading(BuildRow Row, long ReadAt);

/// <summary>A build that was created for a key, and the word of what it builds.</summary>
internal sealed record CreatedBuild(BuildId Id, long Number, string? Digest);
