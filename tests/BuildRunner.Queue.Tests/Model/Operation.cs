using CsCheck;

namespace BuildRunner.Queue.Tests.Model;

/// <summary>One step of a random run. What the numbers mean depends on the kind, and on what there is when the step is taken.</summary>
internal sealed record Operation(OperationKind Kind, IReadOnlyList<int> Numbers)
{
    /// <summary>Gets sequences of steps; rounds are the most frequent, because they do the most.</summary>
    public static Gen<Operation[]> Sequences { get; } = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 1000].Array[8], static (kind, numbers) => new Operation(KindOf(kind), numbers)).Array[5, 60];

    public int this[int index] => Numbers[index];

    private static OperationKind KindOf(int number) => number switch
    {
        < 3 => OperationKind.Publish,
        3 => OperationKind.PublishInTransaction,
        < 8 => OperationKind.QueueRound,
        8 => OperationKind.Advance,
        9 => OperationKind.Crash,
        10 => OperationKind.Redrive,
        _ => OperationKind.Purge,
    };
}
