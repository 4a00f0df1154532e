using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Specifies the failures after which a build is tried again.</summary>
/// <remarks>Never tried again: builds that a caller cancelled, that were rejected, blocked or in conflict, or whose total or run time is
/// over.</remarks>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<RetryKinds>))]
public enum RetryKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The infrastructure failed: <see cref="BuildMetadataKeys.FailureKind"/> is <c>infra</c>.</summary>
    Infra = 1,

    /// <summary>The CI had the build, but did not run it in time.</summary>
    PendingTimeout = 2,

    /// <summary>The CI cancelled the build, and nobody asked for it.</summary>
    Cancelled = 4,

    /// <summary>The change failed, by all the CI knows. Only for builds that are known to be flaky.</summary>
    Code = 8,
}
