using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Specifies why a build is being cancelled.</summary>
/// <remarks>The JSON form is the lower-case name: <c>none</c>, <c>caller</c>, <c>deadline</c>,
/// <c>dead_letter</c>, <c>superseded</c> or <c>group</c>.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<BuildCancelCause>))]
public enum BuildCancelCause
{
    /// <summary>The build is not being cancelled.</summary>
    [JsonStringEnumMemberName("none")]
    None = 0,

    /// <summary>A caller requested it.</summary>
    [JsonStringEnumMemberName("caller")]
    Caller = 1,

    /// <summary>Its time is over.</summary>
    [JsonStringEnumMemberName("deadline")]
    Deadline = 2,

    /// <summary>A message of the build became a dead letter.</summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter = 3,

    /// <summary>Another build replaces it.</summary>
    [JsonStringEnumMemberName("superseded")]
    Superseded = 4,

    /// <summary>Its group has failed or was cancelled.</summary>
    [JsonStringEnumMemberName("group")]
    Group = 5,
}
