using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>
/// Specifies why a build is to be cancelled.
/// </summary>
/// <remarks>The JSON form is the lower-case name: <c>none</c>, <c>caller</c>, <c>deadline</c> or <c>dead_letter</c>.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<BuildCancelCause>))]
public enum BuildCancelCause
{
    /// <summary>
    /// It is not to be cancelled.
    /// </summary>
    [JsonStringEnumMemberName("none")]
    None = 0,

    /// <summary>
    /// A caller has asked for it.
    /// </summary>
    [JsonStringEnumMemberName("caller")]
    Caller = 1,

    /// <summary>
    /// Its deadline has passed.
    /// </summary>
    [JsonStringEnumMemberName("deadline")]
    Deadline = 2,

    /// <summary>
    /// A message about it has become a dead letter.
    /// </summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter = 3,
}
