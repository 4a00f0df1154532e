namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents what a consumer of a topic tells its engine and asks from it in one transaction.
/// </summary>
internal sealed record QueueRound
{
    /// <summary>
    /// Gets the topic.
    /// </summary>
    public required string Topic { get; init; }

    /// <summary>
    /// Gets how failures are counted when a lease lapses.
    /// </summary>
    public required RetryPolicy Policy { get; init; }

    /// <summary>
    /// Gets how long new and renewed leases last: more than zero.
    /// </summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>
    /// Gets the leases that end. A partition is in here or in <see cref="Renewals"/> at most once.
    /// </summary>
    public IReadOnlyList<Settlement> Settlements { get; init; } = [];

    /// <summary>
    /// Gets the leases that are to last for another <see cref="LeaseDuration"/> from now.
    /// </summary>
    public IReadOnlyList<Lease> Renewals { get; init; } = [];

    /// <summary>
    /// Gets how many messages to claim, quarantined messages not included: zero or more. With zero and without <see cref="TakesQuarantined"/>, expired leases need not be looked for.
    /// </summary>
    public int Limit { get; init; }

    /// <summary>
    /// Gets a value indicating whether to claim a quarantined message beside the others, which a consumer asks for while it has none.
    /// </summary>
    public bool TakesQuarantined { get; init; }
}
