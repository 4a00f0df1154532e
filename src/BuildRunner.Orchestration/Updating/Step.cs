using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>What a decision makes of a build that was read.</summary>
internal readonly record struct Step
{
    /// <summary>The build to save, or null to leave it as it is.</summary>
    public Build? Changed { get; private init; }

    /// <summary>How the delivery ends, or null where it goes on, as with a call of the runner.</summary>
    public Outcome? Outcome { get; private init; }

    /// <summary>Why the delivery is put off, as the metric has it.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whether the message that triggers or polls the build is published with the save.</summary>
    public bool Hastens { get; init; }

    public static Step Leave(Outcome? outcome, string? reason = null) => new() { Outcome = outcome, Reason = reason };

    public static Step Save(Build changed, Outcome? outcome, string? reason = null) =>
        new() { Changed = changed, Outcome = outcome, Reason = reason };
}
