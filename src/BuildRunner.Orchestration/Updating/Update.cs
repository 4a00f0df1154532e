using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Represents the result of an update: the current build and the last decision.</summary>
internal readonly record struct Update(BuildReading Reading, Step Step, bool IsSaved)
{
    public Build? Build => Reading.Build;

    public Outcome? Outcome => Step.Outcome;
}
