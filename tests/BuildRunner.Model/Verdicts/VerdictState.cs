namespace BuildRunner.Model.Verdicts;

/// <summary>Represents a request to a CI, its answer, and what became of both.</summary>
internal readonly record struct VerdictState
{
    public Verdict Verdict { get; init; }

    public bool IsRequested { get; init; }

    public bool IsRequest { get; init; }

    public bool IsRequestDead { get; init; }

    /// <summary>Gets how the build has ended at the CI. It runs once, however often it is asked for.</summary>
    public Verdict AtCi { get; init; }

    public bool IsAtCi { get; init; }

    public Verdict Answer { get; init; }

    public bool IsAnswerDead { get; init; }

    /// <summary>Gets a value indicating whether the queue knows the identity of the answer. It never forgets one.</summary>
    public bool IsAnswerKnown { get; init; }

    public byte Faults { get; init; }
}
