namespace BuildRunner.Model.Queues;

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
