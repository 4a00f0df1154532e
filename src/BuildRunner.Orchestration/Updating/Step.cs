namespace BuildRunner.Orchestration;

internal readonly record struct Step
{
    public Build? Changed { get; private init; }

    /// <summary>The document to save with the build, or null for none.</summary>
    public BuildDocument? Document { get; init; }

    /// <summary>The document of the runner's line to save with the build, or null for none.</summary>
    public BuildDocument? Line { get; init; }

    /// <summary>The name of a document that was read and must not have changed for the build to be saved, or null for none.</summary>
    public string? DependsOn { get; init; }

    /// <summary>Whether the build ends without the runner's word: it may have the build for longer.</summary>
    public bool IsAbandoned { get; init; }

    /// <summary>Whether the build ends as its runner has said.</summary>
    public bool IsVerdict { get; init; }

    /// <summary>The names of the documents that must be read before anything can be decided, or null. Then this decides nothing
    /// else.</summary>
    public IReadOnlyList<string>? Needs { get; private init; }

    /// <summary>How the delivery ends, or null if it continues, for example with a call.</summary>
    public Outcome? Outcome { get; private init; }

    /// <summary>Why the delivery is postponed, for the metric.</summary>
    public string? Reason { get; private init; }

    /// <summary>Whether to publish the message that triggers or polls the build with the save.</summary>
    public bool Hastens { get; init; }

    /// <summary>The kind of failure after which the build is tried again, or null if it is not.</summary>
    public RetryKinds? Retries { get; init; }

    /// <summary>Whether the build would be tried again if its owner had not spent the budget.</summary>
    public bool IsOverBudget { get; private init; }

    public static Step Need(params IReadOnlyList<string> documents) => new() { Needs = documents };

    /// <summary>Gets the step with another build to save.</summary>
    public Step With(Build changed) => this with { Changed = changed };

    public static Step Leave(Outcome? outcome, string? reason = null) => new() { Outcome = outcome, Reason = reason };

    public static Step Save(Build changed, Outcome? outcome, string? reason = null) =>
        new() { Changed = changed, Outcome = outcome, Reason = reason };

    /// <summary>Ends the build as the step does, and says that it would be tried again.</summary>
    public Step OverBudget(Build changed) => this with { Changed = changed, IsOverBudget = true };
}

/// <summary>Represents the result of an update: the current build and the last decision.</summary>
internal readonly record struct Update(BuildReading Reading, Step Step, bool IsSaved)
{
    public Build? Build => Reading.Build;

    public Outcome? Outcome => Step.Outcome;
}
