using System.Collections.Frozen;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using BuildRunner.Git.Processes;
using CliWrap;

namespace BuildRunner.Git.Repository;

/// <summary>
/// Runs git on one repository, without a shell and without anything from the outside that could change what git does: no system, global or inherited configuration, no attributes of the machine, no replace references, no prompt.
/// </summary>
/// <param name="gitDirectory">The repository, or <see langword="null"/> for the one in which the working directory lies.</param>
/// <param name="workingDirectory">Where git is started.</param>
/// <param name="cookie">What it is known by when the process that has started it is dead, or <see langword="null"/> where it does nothing for a build.</param>
/// <param name="objects">Where it writes objects, or <see langword="null"/> for the repository itself.</param>
internal sealed class GitCommand(string? gitDirectory, string workingDirectory, string? cookie = null, string? objects = null)
{
    private static readonly Version OldestVersion = new(2, 38);

    // Fixed, so that the same changes on the same target give the same commit.
    private const string Identity = "BuildRunner";
    private const string Email = "buildrunner@localhost";

    private static readonly FrozenDictionary<string, string?> Nothing = FrozenDictionary<string, string?>.Empty;

    /// <summary>Checks that git is there and is not too old.</summary>
    /// <exception cref="GitException">It is missing or too old.</exception>
    public static async Task CheckVersionAsync(CancellationToken cancellationToken)
    {
        var text = (await ExecuteAsync(["version"], CreateEnvironment(gitDirectory: null), workingDirectory: null, input: null, cancellationToken).ConfigureAwait(false)).Text;
        var number = text.Split(' ').ElementAtOrDefault(2)?.Split('.');
        if (number is not [var major, var minor, ..]
            || !int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var majorNumber)
            || !int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var minorNumber)
            || new Version(majorNumber, minorNumber) < OldestVersion)
        {
            throw new GitException($"Found '{text}', but git {OldestVersion} or newer is needed.");
        }
    }

    /// <summary>Runs git, whatever its exit code.</summary>
    public Task<GitResult> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null, IReadOnlyDictionary<string, string?>? moreEnvironment = null)
    {
        var environment = CreateEnvironment(gitDirectory);
        environment[BuildCookie.ToolVariable] = cookie;
        environment["GIT_OBJECT_DIRECTORY"] = objects;
        foreach (var (name, value) in moreEnvironment ?? Nothing)
        {
            environment[name] = value;
        }

        return ExecuteAsync(gitDirectory is null ? arguments : [$"--git-dir={gitDirectory}", .. arguments], environment, workingDirectory, input, cancellationToken);
    }

    /// <summary>Runs git and expects it to succeed.</summary>
    /// <exception cref="GitException">It did not.</exception>
    public async Task<GitResult> RunOrThrowAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var result = await RunAsync(arguments, cancellationToken, input).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failed(arguments, result);
    }

    public static GitException Failed(IEnumerable<string> arguments, GitResult result) =>
        new($"'git {string.Join(' ', arguments)}' ended with exit code {result.ExitCode}: {result.Error.Trim()}");

    private static async Task<GitResult> ExecuteAsync(
        IEnumerable<string> arguments, Dictionary<string, string?> environment, string? workingDirectory, string? input, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var error = new StringBuilder();
        var command = Cli.Wrap("git")
            .WithArguments(arguments)
            .WithEnvironmentVariables(environment)
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None);
        if (workingDirectory is not null)
        {
            command = command.WithWorkingDirectory(workingDirectory);
        }

        if (input is not null)
        {
            command = command.WithStandardInputPipe(PipeSource.FromString(input));
        }

        try
        {
            var result = await command.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return new GitResult(result.ExitCode, output.ToArray(), error.ToString());
        }
        catch (Win32Exception exception)
        {
            throw new GitException($"git could not be started ({exception.Message}); git {OldestVersion} or newer must be on the PATH.", exception) { IsTransient = OperatingSystem.IsLinux() && Posix.IsErrorOfLoad(exception.NativeErrorCode) };
        }
    }

    private static Dictionary<string, string?> CreateEnvironment(string? gitDirectory)
    {
        Dictionary<string, string?> environment = new(StringComparer.Ordinal);

        // GIT_DIR would beat --git-dir's neighbours, GIT_CONFIG_COUNT would inject configuration, and so on: none is inherited.
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal)))
        {
            environment[name] = null;
        }

        // No transport: a repository that lacks objects would otherwise have them fetched, by a command that its own configuration names.
        environment["GIT_ALLOW_PROTOCOL"] = "";
        environment["GIT_NO_LAZY_FETCH"] = "1";

        // A file in the repository, which a build could have written, would otherwise say where its configuration is.
        environment["GIT_COMMON_DIR"] = gitDirectory;
        environment["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(gitDirectory);
        environment["GIT_ATTR_NOSYSTEM"] = "1";
        environment["GIT_AUTHOR_EMAIL"] = Email;
        environment["GIT_AUTHOR_NAME"] = Identity;
        environment["GIT_COMMITTER_EMAIL"] = Email;
        environment["GIT_COMMITTER_NAME"] = Identity;
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_NO_REPLACE_OBJECTS"] = "1";
        environment["GIT_OPTIONAL_LOCKS"] = "0";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["LC_ALL"] = "C";
        return environment;
    }
}
