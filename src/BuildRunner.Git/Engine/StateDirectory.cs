using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Locates the state directory of a runner.</summary>
internal static class StateDirectory
{
    /// <summary>Gets the directory that the options name, or else the default one.</summary>
    /// <exception cref="GitException">The user has no directory for application data.</exception>
    public static string PathOf(ISourceOptions options) => TryFindPathOf(options)
        ?? throw new GitException(
            $"The user has no directory for local application data; set {options.Name}.{nameof(options.StateDirectory)}.");

    /// <summary>Gets the directory that the options name, or else the default one, or <see langword="null"/> if the user has no directory
    /// for application data.</summary>
    public static string? TryFindPathOf(ISourceOptions options)
    {
        if (options.StateDirectory is { } path)
        {
            return Path.GetFullPath(path);
        }

        // Created, because the path of a missing directory would be empty.
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        if (!Path.IsPathRooted(data))
        {
            return null;
        }

        var repository = Path.GetFullPath(options.Repository);
        var owner = options.ServiceKey.Length == 0 ? repository : $"{repository}\0{options.ServiceKey}";
        owner += options.StateSuffix;
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..16];
        return Path.Combine(data, "BuildRunner.Git", name);
    }

    /// <summary>Gets the git work tree that contains a directory, or <see langword="null"/>. Checks both the path and where its links
    /// lead.</summary>
    public static string? WorkTreeAround(string directory) => WorkTreeAbove(directory) ?? WorkTreeAbove(Follow(directory));

    private static string? WorkTreeAbove(string directory)
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

    // From the root on, because a relative link counts from the real place of its directory.
    private static string Follow(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var real = Path.Combine(Follow(parent), Path.GetFileName(path));

        // A circular link does not exist.
        return Directory.Exists(real) && new DirectoryInfo(real).LinkTarget is { } target
            ? Follow(Path.GetFullPath(target, Path.GetDirectoryName(real)!))
            : real;
    }
}
