using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Slots;

/// <summary>A deliberate mistake, by the rule that it breaks.</summary>
internal enum SlotMutation
{
    None,

    /// <summary>O16: slots are counted before the version is read that the commit compares.</summary>
    CountsFirst,

    /// <summary>O16: the commit does not compare the version.</summary>
    ComparesNothing,

    /// <summary>O16: a mark whose outcome is not known gives its slot back.</summary>
    UnknownFreesSlot,

    /// <summary>O16: the slot is given back after the end is saved.</summary>
    FreesLater,

    /// <summary>O16: a build joins the line, and nobody is told.</summary>
    JoinsSilently,

    /// <summary>O17: the mark does not compare the version of the runner's document.</summary>
    MarksUnseen,

    /// <summary>O17: a submission does not look whether the runner refuses.</summary>
    RefusesNothing,
}
