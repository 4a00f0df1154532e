using System.Security.Cryptography;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>The content of a directory, for comparisons.</summary>
internal static class DirectoryContent
{
    /// <summary>Describes every entry, without times: git freshens an object that it would otherwise have written once more.</summary>
    public static IReadOnlyList<string> Describe(string directory) =>
    [
        .. new DirectoryInfo(directory).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(static entry => entry.FullName, StringComparer.Ordinal)
            .Select(static entry => $"{entry.FullName} {entry.UnixFileMode} {entry.LinkTarget} {Hash(entry)}"),
    ];

    private static string Hash(FileSystemInfo entry) =>
        entry is FileInfo { LinkTarget: null } ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry.FullName))) : "";
}
