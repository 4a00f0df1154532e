using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Where a runner keeps what it makes.</summary>
internal static class StateDirectory
{
    /// <summary>Gets the directory that the options name, or the default one of their repository.</summary>
    /// <exception cref="GitException">The user has no place for it.</exception>
    public static string PathOf(ISourceOptions options) => TryFindPathOf(options)
        ?? throw new GitException($"The user has no directory for local application data; set {options.Name}.{nameof(options.StateDirectory)}.");

    /// <summary>Gets that directory, or <see langword="null"/> where the options name none and the user has no place for the default one.</summary>
    public static string? TryFindPathOf(ISourceOptions options)
    {
        if (options.StateDirectory is { } path)
        {
            return Path.GetFullPath(path);
        }

        // Created, because for a directory that is not there the answer would be the empty path.
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        if (!Path.IsPathRooted(data))
        {
            return null;
        }

        var owner = options.ServiceKey.Length == 0 ? Path.GetFullPath(options.Repository) : $"{Path.GetFullPath(options.Repository)}\0{options.ServiceKey}";
        owner += options.StateSuffix;
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..16];
        return Path.Combine(data, "BuildRunner.Git", name);
    }

    /// <summary>Gets the work tree of git that a directory lies in, or <see langword="null"/>. Where a link leads counts as well as where it stands.</summary>
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

    // From the root on, because a relative link counts from where its directory really is.
    private static string Follow(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var real = Path.Combine(Follow(parent), Path.GetFileName(path));

        // One that leads round in a circle does not exist.
        return Directory.Exists(real) && new DirectoryInfo(real).LinkTarget is { } target
            ? Follow(Path.GetFullPath(target, Path.GetDirectoryName(real)!))
            : real;
    }
}
