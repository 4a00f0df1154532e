using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Defines what is known of a build. <see cref="BuildStatusExtensions.IsTerminal"/> tells whether it has ended.
/// </summary>
/// <remarks>
/// The set is closed: a new backend maps its states onto these and puts its own word into the metadata under <see cref="BuildMetadataKeys.NativeState"/>. The JSON form is the lower-case name; <see cref="Unknown"/> is the empty string, and a text that is none of the names is read as <see cref="Unknown"/>.
/// </remarks>
[JsonConverter(typeof(BuildStatusJsonConverter))]
public enum BuildStatus
{
    /// <summary>The backend reports a state that the runner does not know. Not terminal: ask again.</summary>
    Unknown = 0,

    /// <summary>The backend has taken the build and has not started it, or has lost its worker and will start it again.</summary>
    Accepted = 1,

    /// <summary>The build is under way.</summary>
    Running = 2,

    /// <summary>The build has ended and found nothing wrong.</summary>
    Succeeded = 3,

    /// <summary>The build has ended without success and was not cancelled: the code failed, or the build timed out, lost its worker or ran out of memory. <see cref="BuildMetadataKeys.FailureKind"/> may say which.</summary>
    Failed = 4,

    /// <summary>The build was stopped on request.</summary>
    Cancelled = 5,
}
