namespace BuildRunner.Orchestration;

/// <summary>Decides what a requested cancellation makes of a build.</summary>
internal static class CancelDecision
{
    public static Step Decide(BuildReading reading, BuildCancelCause cause, string? reason) =>
        reading.Build is { } build && !build.Status.IsTerminal()
            ? Step.Save(build.Cancelling(cause, reason), Outcome.Done) with { Hastens = true }
            : Step.Leave(Outcome.Done);
}
