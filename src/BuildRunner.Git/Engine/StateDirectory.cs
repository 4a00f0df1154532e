using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git.Repository;

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

        // Created, because for a directory that is not there the answer would be the empty path.
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        if (!Path.IsPathRooted(data))
        {
            throw new GitException($"The user has no directory for local application data; set {nameof(GitBuildRunnerOptions)}.{nameof(options.StateDirectory)}.");
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.Repository))))[..16];
        return Path.Combine(data, "BuildRunner.Git", name);
    }

    /// <summary>Gets the work tree of git that a directory lies in, or <see langword="null"/>.</summary>
    public static string? WorkTreeAround(string directory)
    {
        for (var current = new DirectoryInfo(directory); current is not null; current = current.Parent)
        {
            if (Path.Exists(Path.Combine(current.FullName, ".git")))
            {
                return current.FullName;
            }

            // Where a link leads counts as well as where it stands.
            if (current.Exists && current.ResolveLinkTarget(returnFinalTarget: true) is { } target && WorkTreeAround(target.FullName) is { } behind)
            {
                return behind;
            }
        }

        return null;
    }
}
