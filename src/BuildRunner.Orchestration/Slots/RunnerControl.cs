using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents what all processes must know of a runner before they trigger a build: the document of the runner. Only a pause
/// changes it.</summary>
internal sealed record RunnerControl
{
    public static RunnerControl None { get; } = new();

    public RunnerPause? Pause { get; init; }

    /// <summary>Since when the runner is held, or null if it is not.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>For how long it was held before that, in all.</summary>
    public TimeSpan HeldBefore { get; init; }

    /// <summary>Who ended the last pause, when and why, or null if none was ended.</summary>
    public RunnerResumption? Resumption { get; init; }

    [JsonIgnore]
    public bool IsHeld => HeldSince is not null;

    public static RunnerControl Read(BuildDocument? document) =>
        document is null ? None : JsonSerializer.Deserialize(document.Value, DocumentJson.Default.RunnerControl)!;

    /// <summary>Gets the document to save in place of one.</summary>
    public BuildDocument Write(string runner, BuildDocument? before) => new()
    {
        Name = DocumentNames.OfRunner(runner),
        Value = JsonSerializer.Serialize(this, DocumentJson.Default.RunnerControl),
        Version = (before?.Version ?? 0) + 1,
    };

    /// <summary>Gets for how long the runner was held until a time, in all.</summary>
    public TimeSpan HeldAt(DateTimeOffset now) => HeldBefore + (HeldSince < now ? now - HeldSince.Value : TimeSpan.Zero);

    /// <exception cref="RunnerRefusesException">The runner refuses new builds.</exception>
    public void ThrowIfRefusing(string runner)
    {
        if (Pause is { Refuses: true } pause)
        {
            throw new RunnerRefusesException($"The runner '{runner}' refuses new builds: {pause.Describe()}")
            {
                Runner = runner,
                Pause = pause,
            };
        }
    }

    /// <summary>Pauses the runner. A hold that goes on does not begin again.</summary>
    public RunnerControl Paused(RunnerPause pause, DateTimeOffset now) => this with
    {
        Pause = pause with { Since = Pause?.Since ?? now },
        HeldSince = pause.Holds ? HeldSince ?? now : null,
        HeldBefore = pause.Holds ? HeldBefore : HeldAt(now),
    };

    /// <summary>Resumes the runner, if it is paused.</summary>
    public RunnerControl Resumed(string by, string? reason, DateTimeOffset now) => Pause is null ? this : this with
    {
        Pause = null,
        HeldSince = null,
        HeldBefore = HeldAt(now),
        Resumption = new(by, reason, now),
    };
}

/// <summary>Represents the end of a pause.</summary>
internal sealed record RunnerResumption(string By, string? Reason, DateTimeOffset At);
