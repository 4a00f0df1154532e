namespace BuildRunner.Model.Queues;

/// <summary>Represents a message. Its times are in ticks from now. What is under "ghosts" the queue does not know: it is for judging.</summary>
internal readonly record struct Row
{
    public char Partition { get; init; }

    public char Id { get; init; }

    public sbyte Due { get; init; }

    /// <summary>Gets the earliest time that was asked for while it was handled, or -1 for none.</summary>
    public sbyte Wake { get; init; }

    public byte Failures { get; init; }

    public bool IsBackingOff { get; init; }

    public bool IsQuarantined { get; init; }

    /// <summary>Gets a value indicating whether nothing else of its partition is offered: it is leased, postponed or handed back.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Gets the consumer that holds the lease, <see cref="Dead"/> for one that has crashed, or -1.</summary>
    public sbyte Holder { get; init; }

    public sbyte LeaseLeft { get; init; }

    // Ghosts.

    /// <summary>Gets in what time a handling is owed to a publisher, or -1 for none.</summary>
    public sbyte Owed { get; init; }

    /// <summary>Gets in what time it was to be delivered at the earliest.</summary>
    public sbyte Earliest { get; init; }

    public sbyte BackoffLeft { get; init; }

    public const sbyte Dead = 9;

    public bool IsLeased => Holder >= 0;
}
