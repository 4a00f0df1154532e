using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Defines the statuses of a build. <see cref="BuildStatusExtensions.IsTerminal"/> determines whether the build has
/// ended.</summary>
/// <remarks>The set is closed: a new backend maps its states to these, and keeps its own name for the state under <see
/// cref="BuildMetadataKeys.NativeState"/>. The JSON form is the name in lower case, and the empty string for <see cref="Unknown"/>. Any
/// other text is read as <see cref="Unknown"/>.</remarks>
[JsonConverter(typeof(BuildStatusJsonConverter))]
public enum BuildStatus
{
    /// <summary>The backend reports a state that the runner does not know. Not terminal: ask again.</summary>
    Unknown = 0,

    /// <summary>The backend has accepted the build and has not started it, or has lost the worker and will start it again.</summary>
    Accepted = 1,

    /// <summary>The build is running.</summary>
    Running = 2,

    /// <summary>The build has ended with success.</summary>
    Succeeded = 3,

    /// <summary>The build has ended without success and was not cancelled: the code failed, or the build timed out, lost its worker or ran
    /// out of memory. <see cref="BuildMetadataKeys.FailureKind"/> may tell which.</summary>
    Failed = 4,

    /// <summary>The build was cancelled on request.</summary>
    Cancelled = 5,
}
