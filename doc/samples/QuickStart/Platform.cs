namespace QuickStart;

/// <summary>Checks whether the sample can run on this machine.</summary>
internal static class Platform
{
    /// <summary>Returns the reason why the sample cannot run here, as a sentence, or <see langword="null"/> if it can.</summary>
    public static string? WhyNot(bool isLinux) => isLinux ? null : "This sample needs Linux: the git runner that builds for it starts and stops the processes of a build with system calls of Linux.";
}
