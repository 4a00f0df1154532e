using System.ComponentModel;
using System.Text;
using CliWrap;

namespace MergeQueue;

/// <summary>Runs git so that nothing of the user or the machine changes what it does: no inherited variables, no configuration of either, no replaced objects, no prompt.</summary>
/// <param name="options">The options that say where git works.</param>
/// <param name="variables">The environment variables that say where git works.</param>
internal sealed class Git(string[] options, params (string Name, string Value)[] variables)
{
    // Fixed, so that the same two commits give the same merge, whoever makes it.
    private const string Identity = "MergeQueue";
    private const string Email = "merge-queue@localhost";

    /// <summary>Gets git on a repository of the user. Its configuration is read, because it says how the repository is stored, but names no program that is run.</summary>
    public static Git In(string repository) => new(["-C", repository, "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);

    /// <summary>Runs git, whatever its exit code.</summary>
    /// <exception cref="GitException">It could not be started.</exception>
    public async Task<Result> RunAsync(string[] arguments, CancellationToken cancellationToken, string input = "", string? date = null)
    {
        using MemoryStream output = new();
        StringBuilder error = new();
        try
        {
            var result = await Cli.Wrap("git")
                .WithArguments([.. options, .. arguments])
                .WithEnvironmentVariables(CreateEnvironment(date))
                .WithStandardInputPipe(PipeSource.FromString(input))
                .WithStandardOutputPipe(PipeTarget.ToStream(output))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellationToken);
            return new Result(arguments[0], result.ExitCode, output.ToArray(), error.ToString().Trim());
        }
        catch (Win32Exception exception)
        {
            throw new GitException($"git could not be started ({exception.Message}); it must be on the PATH.");
        }
    }

    /// <summary>Runs git and gets what it has put out.</summary>
    /// <exception cref="GitException">It has failed.</exception>
    public async Task<string> ReadAsync(string[] arguments, CancellationToken cancellationToken) => (await RunAsync(arguments, cancellationToken)).TextOrThrow();

    private Dictionary<string, string?> CreateEnvironment(string? date)
    {
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal))
            .ToDictionary(static name => name, static string? (_) => null);
        environment["GIT_ATTR_NOSYSTEM"] = "1";
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        environment["GIT_CONFIG_NOSYSTEM"] = "1";

        // A file that cannot exist: of one that does, git complains.
        environment["GIT_GRAFT_FILE"] = "/dev/null/none";
        environment["GIT_NO_REPLACE_OBJECTS"] = "1";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["LC_ALL"] = "C";

        // Objects that a partial clone lacks are not fetched, by a program that its configuration could name.
        environment["GIT_ALLOW_PROTOCOL"] = "";
        environment["GIT_NO_LAZY_FETCH"] = "1";
        foreach (var role in new[] { "AUTHOR", "COMMITTER" })
        {
            environment[$"GIT_{role}_NAME"] = Identity;
            environment[$"GIT_{role}_EMAIL"] = Email;
            environment[$"GIT_{role}_DATE"] = date;
        }

        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return environment;
    }

    internal sealed record Result(string Command, int ExitCode, byte[] Output, string Error)
    {
        public string Text => Encoding.UTF8.GetString(Output).TrimEnd('\n');

        /// <exception cref="GitException">git has failed.</exception>
        public string TextOrThrow() => ExitCode == 0 ? Text : throw new GitException($"git {Command} failed: {Error.ReplaceLineEndings(" ")}");
    }
}
