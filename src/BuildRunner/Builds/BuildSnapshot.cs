using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Represents what a runner knew of a build at one moment.
/// </summary>
/// <remarks>
/// Immutable. Two snapshots are equal if their status, metadata and hint are. The JSON form is <c>{"status":"running","metadata":{},"poll_after":"00:00:05"}</c>; only <c>status</c> is required when reading, and <c>poll_after</c> is a <see cref="TimeSpan"/> in its constant format or <c>null</c>.
/// </remarks>
[JsonConverter(typeof(BuildSnapshotJsonConverter))]
public sealed record BuildSnapshot
{
    private readonly BuildStatus? _status;

    /// <summary>
    /// Gets what is known of the build.
    /// </summary>
    // On the property too: an enum's own converter loses to a JsonStringEnumConverter of the host wherever the record's contract is built member by member.
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public required BuildStatus Status { get => _status ?? BuildStatus.Unknown; init => _status = value; }

    /// <summary>
    /// Gets what the runner tells about the build, and what the caller gave at trigger where the runner echoes that. Never <see langword="null"/>; assigning <see langword="null"/> means empty.
    /// </summary>
    /// <remarks><see cref="BuildMetadataKeys"/> names the shared vocabulary. Every key may be absent.</remarks>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>
    /// Gets the runner's hint when asking again is worth while, counted from now, or <see langword="null"/> for no hint. Waiting clamps the hint to 0.5 seconds to 10 minutes and does not ask before that has passed.
    /// </summary>
    public TimeSpan? PollAfter { get; init; }

    /// <summary>Gets a value indicating whether the status was given. A mocking library that makes a value by reflection does not heed <see langword="required"/>.</summary>
    internal bool HasStatus => _status is not null;

    // A serializer that does not know the converter would take a misspelt status for an unknown one.
    [OnDeserializing]
    private void RefuseToBeRead(StreamingContext context) => throw WireOnly.NotSupported<BuildSnapshot>();
}
