using BuildRunner.Model.Exploring;

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

/// <summary>Represents a dead letter. It is new until the dead-letter consumer was offered it.</summary>
internal readonly record struct Letter(char Partition, char Id, bool IsLeased, bool IsNew);

/// <summary>Represents what a consumer holds, and whether its token is still that of the lease.</summary>
internal readonly record struct Hold(char Partition, char Id, bool IsValid);

/// <summary>Represents the queue, two consumers and one of dead letters, and what may still happen. Rows are in the order of their insertion.</summary>
internal readonly record struct QueueState
{
    public Items<Row> Rows { get; init; }

    public Items<Letter> Letters { get; init; }

    public Hold? First { get; init; }

    public Hold? Second { get; init; }

    public Hold? OfLetters { get; init; }

    /// <summary>Gets how often each identity may still be published.</summary>
    public Items<byte> Publishes { get; init; }

    public byte Ticks { get; init; }

    public byte Crashes { get; init; }

    public byte Redrives { get; init; }

    public Hold? this[int consumer] => consumer == 0 ? First : Second;

    public QueueState With(int consumer, Hold? hold) => consumer == 0 ? this with { First = hold } : this with { Second = hold };

    public int Find(char partition, char id) => Rows.IndexOf(row => row.Partition == partition && row.Id == id);
}

/// <summary>A deliberate mistake in the queue, by the rule that it breaks.</summary>
internal enum QueueMutation
{
    None,

    /// <summary>Q1: a duplicate is stored beside the first.</summary>
    StoresDuplicates,

    /// <summary>Q2: what was published while it was handled is forgotten by <c>Done</c>.</summary>
    DoneForgetsWake,

    /// <summary>Q2: a failure does not clear the wake.</summary>
    RetryKeepsWake,

    /// <summary>Q2: the wake is a flag and not a time.</summary>
    WakeIsFlag,

    /// <summary>Q2b: a duplicate shortens the pause after a failure.</summary>
    DuplicateEndsBackoff,

    /// <summary>Q4: a postponed message does not hold its partition.</summary>
    PostponeStepsAside,

    /// <summary>Q5: a message that is tried again holds its partition.</summary>
    RetryHolds,

    /// <summary>Q6: a lease does not keep the rest of its partition back.</summary>
    LeaseHoldsNothing,

    /// <summary>Q7: a lease that has lapsed can be renewed.</summary>
    RenewsLapsed,

    /// <summary>Q7: a stale token settles.</summary>
    StaleSettles,

    /// <summary>Q7: the first lapse counts.</summary>
    FirstLapseCounts,

    /// <summary>Q8: a dead letter is inserted beside that of the same identity.</summary>
    InsertsLetter,

    /// <summary>Q8: a dead letter that replaces another keeps its lease.</summary>
    LetterKeepsLease,

    /// <summary>Q9: due times are rounded down.</summary>
    RoundsDown,
}
