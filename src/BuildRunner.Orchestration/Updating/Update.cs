using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>What has come of an update: the build as it is by then, and what was decided last.</summary>
internal readonly record struct Update(BuildReading Reading, Step Step, bool IsSaved)
{
    public Build? Build => Reading.Build;

    public Outcome? Outcome => Step.Outcome;
}
