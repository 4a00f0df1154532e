namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>One of the moments of a scenario, which is found by running it.</summary>
internal sealed record CrashMoment(string Scenario, bool Finds, int Index, StageCall Call)
{
    /// <summary>Determines whether it is one at which a process can be hit in a way.</summary>
    public bool CanBe(CrashHit hit) => hit switch
    {
        CrashHit.LateAnswer => Call.Member.StartsWith("runner.", StringComparison.Ordinal),
        CrashHit.CutOff => IsBeforeTransaction,
        _ => true,
    };

    private bool IsBeforeTransaction => !Call.IsDone && Call.Member is ("store.create" or "store.update" or "store.commit" or "queue.publish");

    public override string ToString() => $"'{Scenario}', {(Finds ? "finds" : "does not find")} by key, at {Index}, {(Call.IsDone ? "after" : "before")} {Call.Member} of {Call.Topic ?? "a caller"}";
}
