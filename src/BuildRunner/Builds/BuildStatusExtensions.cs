namespace BuildRunner;

/// <summary>Provides extension methods for <see cref="BuildStatus"/>.</summary>
public static class BuildStatusExtensions
{
    /// <summary>Determines whether a build with this status has ended.</summary>
    /// <param name="status">The status. An undefined value is not terminal.</param>
    /// <returns><see langword="true"/> for <see cref="BuildStatus.Succeeded"/>, <see cref="BuildStatus.Failed"/> and
    /// <see cref="BuildStatus.Cancelled"/>; otherwise, <see langword="false"/>.</returns>
    public static bool IsTerminal(this BuildStatus status) =>
        status is BuildStatus.Succeeded or BuildStatus.Failed or BuildStatus.Cancelled;
}
