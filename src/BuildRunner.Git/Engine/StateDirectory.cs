using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Git.Engine;

/// <summary>Where a runner keeps what it makes.</summary>
internal static class StateDirectory
{
    /// <summary>Gets the directory that the options name, or the default one of their repository.</summary>
    public static string PathOf(GitBuildRunnerOptions options)
    {
        if (options.StateDirectory is { } path)
        {
            return Path.GetFullPath(path);
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Repository))))[..16];
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "BuildRunner.Git", name);
    }

    /// <summary>Gets the work tree of git that a directory lies in, or <see langword="null"/>.</summary>
    public static string? WorkTreeAround(string directory)
    {
        for (var current = directory; current is not null; current = Path.GetDirectoryName(current))
        {
            if (Path.Exists(Path.Combine(current, ".git")))
            {
                return current;
            }
        }

        return null;
    }
}
