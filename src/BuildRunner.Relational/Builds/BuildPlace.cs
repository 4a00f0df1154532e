namespace BuildRunner.Relational;

/// <summary>Provides the values of the column <c>place</c>. One index finds by them which builds of a runner have a status, hold slots or
/// wait.</summary>
internal static class BuildPlace
{
    /// <summary>The first value of builds that hold a slot.</summary>
    public const long FirstSlot = 10;

    /// <summary>The last value of builds that hold a slot.</summary>
    public const long LastSlot = 19;

    /// <summary>The value of builds that wait. Their runner does not have them yet, so they have been accepted here alone.</summary>
    public const long Waits = InLine + (long)BuildStatus.Accepted;

    private const long InLine = 20;

    public static long Of(Build build) => build.Bookkeeping switch
    {
        _ when build.Status.IsTerminal() => (long)build.Status,
        { Line: not null } => InLine + (long)build.Status,
        { SlotSince: not null } => FirstSlot + (long)build.Status,
        _ => (long)build.Status,
    };

    /// <summary>Gets the values of all builds with a status.</summary>
    public static IEnumerable<long> All(BuildStatus status) =>
        status.IsTerminal() ? [(long)status] : [(long)status, FirstSlot + (long)status, InLine + (long)status];
}
