using System.Diagnostics;

namespace BuildRunner.GitHubActions.Tests.WholePath;

/// <summary>
/// A bare repository that is a remote, and a clone of somebody who pushes to it. It uses nothing of the machine's configuration.
/// </summary>
internal sealed class BareRemote : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildrunner-landing-");

    public BareRemote()
    {
        Git("init", "--quiet", "--bare", "--initial-branch=main", Address);
        Git("init", "--quiet", "--initial-branch=main", Clone);
        Git("-C", Clone, "remote", "add", "origin", Address);
        Write("main.txt");
        Git("-C", Clone, "push", "--quiet", "origin", "main");
    }

    public string Address => this["remote.git"];

    private string Clone => this["clone"];

    /// <summary>Gets a path beside the repository.</summary>
    public string this[string name] => Path.Combine(_directory.FullName, name);

    /// <summary>Commits a file on top of main, and pushes that to a branch.</summary>
    /// <returns>The id of the commit.</returns>
    public string Push(string branch, string file)
    {
        Git("-C", Clone, "fetch", "--quiet", "origin");
        Git("-C", Clone, "checkout", "--quiet", "--detach", "origin/main");
        Write(file);
        Git("-C", Clone, "push", "--quiet", "origin", $"HEAD:refs/heads/{branch}");
        return Git("-C", Clone, "rev-parse", "HEAD");
    }

    /// <summary>Gets the commit of a branch, or null if there is no such branch.</summary>
    public string? TipOf(string branch) =>
        Ask("for-each-ref", "--format=%(objectname)", $"refs/heads/{branch}") is { Length: > 0 } tip ? tip : null;

    /// <summary>Asks git about the remote.</summary>
    public string Ask(params string[] arguments) => Git(["--git-dir", Address, .. arguments]);

    public void Dispose() => _directory.Delete(recursive: true);

    private void Write(string file)
    {
        File.WriteAllText(Path.Combine(Clone, file), $"{file}\n");
        Git("-C", Clone, "add", "--all");
        Git("-C", Clone, "commit", "--quiet", "--message", file);
    }

    private static string Git(params string[] arguments)
    {
        ProcessStartInfo start = new("git", arguments) { RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        (start.Environment["GIT_CONFIG_GLOBAL"], start.Environment["GIT_CONFIG_NOSYSTEM"]) = ("/dev/null", "1");
        foreach (var role in new[] { "AUTHOR", "COMMITTER" })
        {
            start.Environment[$"GIT_{role}_NAME"] = "Somebody";
            start.Environment[$"GIT_{role}_EMAIL"] = "somebody@example.org";
        }

        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        git.ExitCode.Should().Be(0, "git {0}", string.Join(' ', arguments));
        return output;
    }
}
