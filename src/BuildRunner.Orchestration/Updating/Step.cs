using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

internal readonly record struct Step
{
    public Build? Changed { get; private init; }

    /// <summary>How the delivery ends, or null if it continues, for example with a call.</summary>
    public Outcome? Outcome { get; private init; }

    /// <summary>Why the delivery is postponed, for the metric.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whether to publish the message that triggers or polls the build with the save.</summary>
    public bool Hastens { get; init; }

    public static Step Leave(Outcome? outcome, string? reason = null) => new() { Outcome = outcome, Reason = reason };

    public static Step Save(Build changed, Outcome? outcome, string? reason = null) =>
        new() { Changed = changed, Outcome = outcome, Reason = reason };
}

/// <summary>Represents the result of an update: the current build and the last decision.</summary>
internal readonly record struct Update(BuildReading Reading, Step Step, bool IsSaved)
{
    public Build? Build => Reading.Build;

    public Outcome? Outcome => Step.Outcome;
}
