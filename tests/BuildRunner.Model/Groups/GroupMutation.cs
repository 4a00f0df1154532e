namespace BuildRunner.Model.Groups;

/// <summary>A deliberate mistake in groups (O18).</summary>
internal enum GroupMutation
{
    None,

    /// <summary>The verdict is saved without comparing the version of the group's document.</summary>
    ComparesNothing,

    /// <summary>The end of a member publishes nothing.</summary>
    EndsSilently,

    /// <summary>The others are cancelled after the verdict.</summary>
    CancelsAfterVerdict,

    /// <summary>A member that is not required counts.</summary>
    CountsOptional,

    /// <summary>Of what the members have become, only the first to end is looked at.</summary>
    DecidesEarly,
}
