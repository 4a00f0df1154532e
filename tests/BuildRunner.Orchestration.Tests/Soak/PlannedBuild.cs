namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>One build of the soak, as it was drawn.</summary>
/// <param name="Number">Which build, from zero.</param>
/// <param name="Runner">The runner.</param>
/// <param name="Script">What it does in the CI.</param>
/// <param name="Timeout">After which time it is cancelled.</param>
/// <param name="CancelsAfter">How long after its submission its owner cancels it, or <see langword="null"/> if it does not.</param>
/// <param name="IsFlooded">Whether webhooks come for it in masses.</param>
/// <param name="IsRepeated">Whether it is submitted twice at the same time.</param>
/// <param name="Group">The group that it is in, or <see langword="null"/> for none.</param>
internal sealed record PlannedBuild(int Number, string Runner, FakeBuild Script, TimeSpan Timeout, TimeSpan? CancelsAfter, bool IsFlooded, bool IsRepeated, PlannedGroup? Group = null)
{
    /// <summary>Gets how many attempts fail because of the infrastructure before the script. One that has any is tried again.</summary>
    public int Failures { get; init; }


    /// <summary>Gets a value indicating whether nothing but a cancel ends it.</summary>
    public bool NeverEnds => Script.Steps.Any(static step => step.Duration == System.Threading.Timeout.InfiniteTimeSpan);

    public TimeSpan Life => Script.Steps.Aggregate(TimeSpan.Zero, static (sum, step) => sum + step.Duration);
}
