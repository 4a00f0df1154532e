namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>A settlement as it was asked for.</summary>
internal sealed record SettlementRecord(OutcomeKind Kind, double Delay, long BeganAt, bool IsRepeated)
{
    /// <summary>Gets or sets the answer, or <see langword="null"/> where there was none.</summary>
    public LeaseResult? Result { get; set; }

    public long? At { get; set; }
}
