using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using BuildRunner;
using BuildRunner.Git;
using CliWrap;
using CliWrap.Buffered;

namespace QuickStart;

/// <summary>One commit of the repository, as the person named it.</summary>
internal sealed record Revision(string Name, string Reference, string CommitId)
{
    public const string Host = "localhost";
    public const string RepositoryName = "quick-start";

    /// <exception cref="RejectedException">It is no repository, or not one that git trusts.</exception>
    public static async Task CheckRepositoryAsync(string repository, CancellationToken cancellationToken)
    {
        var answer = await GitAsync(repository, ["rev-parse", "--git-dir"], cancellationToken);
        if (answer.ExitCode != 0)
        {
            throw new RejectedException($"'{repository}' cannot be read as a git repository. {answer.StandardError.Trim()}");
        }
    }

    /// <summary>Gets a name for the repository that differs from that of every other one on this machine.</summary>
    public static async Task<string> NameRepositoryAsync(string repository, CancellationToken cancellationToken)
    {
        var directory = (await GitAsync(repository, ["rev-parse", "--path-format=absolute", "--git-common-dir"], cancellationToken)).StandardOutput.TrimEnd('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..16];
    }

    /// <exception cref="RejectedException">There is no such commit.</exception>
    public static async Task<Revision> FindAsync(string repository, string name, string? hint, CancellationToken cancellationToken)
    {
        var commit = await GitAsync(repository, ["rev-parse", "--quiet", "--verify", "--end-of-options", name + "^{commit}"], cancellationToken);
        var commitId = commit.StandardOutput.Trim();

        // git takes ^main for a commit, and means all but that one.
        if (commit.ExitCode != 0 || commitId.StartsWith('^'))
        {
            throw new RejectedException(hint ?? $"'{name}' is not a commit of the repository '{repository}'.");
        }

        var reference = (await GitAsync(repository, ["rev-parse", "--symbolic-full-name", "--end-of-options", name], cancellationToken)).StandardOutput
            .Split('\n')
            .FirstOrDefault(static line => line.StartsWith("refs/", StringComparison.Ordinal));
        return new Revision(name, reference ?? $"refs/commits/{commitId}", commitId);
    }

    /// <summary>Determines whether the commit has a file or directory.</summary>
    public async Task<bool> HasAsync(string repository, string path, CancellationToken cancellationToken) =>
        (await GitAsync(repository, ["cat-file", "-e", $"{CommitId}:{path}"], cancellationToken)).ExitCode == 0;

    public Change ToChange() => GitChange.Create(Host, RepositoryName, Reference, CommitId);

    public override string ToString() => $"{Name} ({CommitId[..10]})";

    private static async Task<BufferedCommandResult> GitAsync(string repository, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            // Of the directory that was named, and not of the one that a hook of git has put into the environment.
            var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal))
                .ToDictionary(static name => name, static string? (_) => null);

            // As the runner has it: a commit is what it is, and not what somebody has put in its place here.
            environment["GIT_NO_REPLACE_OBJECTS"] = "1";
            environment["GIT_GRAFT_FILE"] = "/dev/null/none";
            return await Cli.Wrap("git").WithArguments(["-C", repository, .. arguments])
                .WithEnvironmentVariables(environment)
                .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
        }
        catch (Win32Exception exception)
        {
            throw new RejectedException($"git could not be started ({exception.Message}); it must be on the PATH.");
        }
    }
}
