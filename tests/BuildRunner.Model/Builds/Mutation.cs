namespace BuildRunner.Model.Builds;

/// <summary>A deliberate mistake, by the rule that it breaks.</summary>
internal enum Mutation
{
    None,

    /// <summary>O1: messages are published after the save, in a call of their own.</summary>
    PublishesAfterSave,

    /// <summary>O2: no mark is saved before the call.</summary>
    MarksNothing,

    /// <summary>O2: a mark without an id is followed by another call, although the runner cannot look up.</summary>
    TriggersBlindly,

    /// <summary>O3: the poll ends its message and publishes another.</summary>
    PollPublishes,

    /// <summary>O4: all changes have the identity of the build, and the queue drops what it has seen.</summary>
    ChangesShareIdentity,

    /// <summary>O5: a dead letter ends a build that has ended.</summary>
    LetterEndsTwice,

    /// <summary>O5: every save wakes the owner.</summary>
    WakesAlways,

    /// <summary>O6: a failed poll counts towards a dead letter.</summary>
    ErrorsCount,

    /// <summary>O6: a signal calls the runner within its pause.</summary>
    SignalIgnoresPause,

    /// <summary>O7: a dead letter is dropped.</summary>
    DropsLetters,

    /// <summary>O7: a dead letter ends its build without asking whether it had ended.</summary>
    LettersAskNothing,

    /// <summary>O8: a cancel is sent by the first poll only.</summary>
    CancelsOnce,

    /// <summary>O9: the deadline cancels, and ends nothing.</summary>
    DeadlineOnlyCancels,

    /// <summary>O10: a signal is believed.</summary>
    BelievesSignals,
}
