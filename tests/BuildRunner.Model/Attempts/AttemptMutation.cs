namespace BuildRunner.Model.Attempts;

/// <summary>A deliberate mistake, by the rule that it breaks.</summary>
internal enum AttemptMutation
{
    None,

    /// <summary>O14: the end is saved, and then the next attempt.</summary>
    SavesEndFirst,

    /// <summary>O14: the budget is saved after the attempt, in a transaction of its own.</summary>
    BudgetApart,

    /// <summary>O14: an answer to the trigger of an old attempt is adopted by the present one.</summary>
    AdoptsOldAttempts,

    /// <summary>O14: an answer is adopted only under the mark of its call.</summary>
    AdoptsByMark,

    /// <summary>O14: the answer to a poll of an old attempt is taken for the present one.</summary>
    PollsOldAttempts,

    /// <summary>O14: a dead letter does not say which attempt it is about.</summary>
    LettersNameNoAttempt,

    /// <summary>O14: what a caller cancels is tried again.</summary>
    RetriesCancels,

    /// <summary>O14: attempts share a trigger key.</summary>
    SharesKey,

    /// <summary>O15: a cancel that nobody asked for is believed at once.</summary>
    SettlesNothing,
}
