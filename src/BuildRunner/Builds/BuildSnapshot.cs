using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Represents the state of a build at one moment, as the runner knew it.</summary>
/// <remarks>
/// <para>
/// Immutable. Two snapshots are equal if their status, metadata and poll hint are equal.
/// </para>
/// <para>
/// The JSON form is <c>{"status":"running","metadata":{},"poll_after":"00:00:05"}</c>. When read, only <c>status</c> is required.
/// <c>poll_after</c> is a <see cref="TimeSpan"/> in the constant format, or <c>null</c>.
/// </para>
/// </remarks>
[JsonConverter(typeof(BuildSnapshotJsonConverter))]
public sealed record BuildSnapshot
{
    private readonly BuildStatus? _status;

    /// <summary>Gets the status of the build.</summary>
    // On the property too: wherever a contract is built member by member, the host's JsonStringEnumConverter beats an enum's own converter.
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public required BuildStatus Status { get => _status ?? BuildStatus.Unknown; init => _status = value; }

    /// <summary>Gets the metadata that the runner reports for the build, including the caller's if the runner echoes it. Never <see
    /// langword="null"/>; assigning <see langword="null"/> means empty.</summary>
    /// <remarks><see cref="BuildMetadataKeys"/> has the shared keys. All are optional.</remarks>
    [AllowNull]
    public BuildMetadata Metadata { get; init => field = value ?? BuildMetadata.Empty; } = BuildMetadata.Empty;

    /// <summary>Gets the time to wait before polling again, counted from now, or <see langword="null"/> for no hint. <see
    /// cref="BuildRunnerWaitingExtensions"/> clamps it to 0.5 seconds to 10 minutes and never asks sooner.</summary>
    public TimeSpan? PollAfter { get; init; }

    /// <summary>Gets a value indicating whether the status was set. A mocking library that creates values by reflection ignores <see
    /// langword="required"/>.</summary>
    internal bool HasStatus => _status is not null;

    // A serializer that bypasses the converter would read a misspelt status as unknown.
    [OnDeserializing]
    private void RefuseToBeRead(StreamingContext context) => throw WireOnly.NotSupported<BuildSnapshot>();
}
