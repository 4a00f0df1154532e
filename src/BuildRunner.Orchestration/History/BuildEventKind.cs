using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Specifies what happened to a build.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BuildEventKind>))]
public enum BuildEventKind
{
    /// <summary>It was submitted.</summary>
    [JsonStringEnumMemberName("submitted")]
    Submitted = 1,

    /// <summary>It began to wait for its runner.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting = 2,

    /// <summary>Its turn came, so it waits no longer.</summary>
    [JsonStringEnumMemberName("let_in")]
    LetIn = 3,

    /// <summary>The runner was about to be asked to create it.</summary>
    [JsonStringEnumMemberName("triggered")]
    Triggered = 4,

    /// <summary>The runner accepted it, or reported that it waits again.</summary>
    [JsonStringEnumMemberName("accepted")]
    Accepted = 5,

    /// <summary>It was seen running.</summary>
    [JsonStringEnumMemberName("running")]
    Running = 6,

    /// <summary>Its cancellation was requested.</summary>
    [JsonStringEnumMemberName("cancelling")]
    Cancelling = 7,

    /// <summary>An attempt ended, and another one follows.</summary>
    [JsonStringEnumMemberName("attempt_ended")]
    AttemptEnded = 8,

    /// <summary>It ended.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended = 9,
}
