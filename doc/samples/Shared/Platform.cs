namespace Samples;

/// <summary>What a sample needs of the machine.</summary>
internal static class Platform
{
    /// <summary>Gets why a sample does not run here, as a sentence, or <see langword="null"/> where it does.</summary>
    public static string? WhyNot(bool isLinux) => isLinux ? null : "This sample needs Linux: the git runner that builds for it starts and stops the processes of a build with system calls of Linux.";
}
