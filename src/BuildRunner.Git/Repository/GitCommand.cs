using System.Collections.Frozen;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using BuildRunner.Git.Processes;
using CliWrap;

namespace BuildRunner.Git.Repository;

/// <summary>Runs git on a repository, without a shell and isolated from the environment: no system, global or inherited configuration, no
/// attributes of the machine, no replace references, no prompt.</summary>
/// <param name="gitDirectory">The repository, or <see langword="null"/> for the one that contains the working directory.</param>
/// <param name="workingDirectory">The working directory.</param>
/// <param name="cookie">The cookie by which the process is found after the runner died, or <see langword="null"/> if it does not belong to
/// a build.</param>
/// <param name="objects">The directory to write objects to, or <see langword="null"/> for that of the repository.</param>
internal sealed class GitCommand(string? gitDirectory, string workingDirectory, string? cookie = null, string? objects = null)
{
    private static readonly Version OldestVersion = new(2, 38);

    // Fixed, so that the same changes on the same target give the same commit.
    private const string Identity = "BuildRunner";
    private const string Email = "buildrunner@localhost";

    private static readonly FrozenDictionary<string, string?> Nothing = FrozenDictionary<string, string?>.Empty;

    /// <summary>Checks that git is installed and recent enough.</summary>
    /// <exception cref="GitException">git is missing or too old.</exception>
    public static async Task CheckVersionAsync(CancellationToken cancellationToken)
    {
        var environment = CreateEnvironment(gitDirectory: null);
        var result = ExecuteAsync(["version"], environment, workingDirectory: null, input: null, cancellationToken);
        var text = (await result.ConfigureAwait(false)).Text;
        var number = text.Split(' ').ElementAtOrDefault(2)?.Split('.');
        if (number is not [var major, var minor, ..]
            || !int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var majorNumber)
            || !int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var minorNumber)
            || new Version(majorNumber, minorNumber) < OldestVersion)
        {
            throw new GitException($"Found '{text}', but git {OldestVersion} or newer is needed.");
        }
    }

    /// <summary>Runs git, and returns the result whatever its exit code.</summary>
    public Task<GitResult> RunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null,
        IReadOnlyDictionary<string, string?>? moreEnvironment = null)
    {
        var environment = CreateEnvironment(gitDirectory);
        environment[BuildCookie.ToolVariable] = cookie;
        environment["GIT_OBJECT_DIRECTORY"] = objects;
        foreach (var (name, value) in moreEnvironment ?? Nothing)
        {
            environment[name] = value;
        }

        IEnumerable<string> all = gitDirectory is null ? arguments : [$"--git-dir={gitDirectory}", .. arguments];
        return ExecuteAsync(all, environment, workingDirectory, input, cancellationToken);
    }

    /// <summary>Runs git, and throws if it fails.</summary>
    /// <exception cref="GitException">git failed.</exception>
    public async Task<GitResult> RunOrThrowAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var result = await RunAsync(arguments, cancellationToken, input).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failed(arguments, result);
    }

    public static GitException Failed(IEnumerable<string> arguments, GitResult result) =>
        new($"'git {string.Join(' ', arguments)}' ended with exit code {result.ExitCode}: {result.Error.Trim()}");

    private static async Task<GitResult> ExecuteAsync(
        IEnumerable<string> arguments,
        Dictionary<string, string?> environment,
        string? workingDirectory,
        string? input,
        CancellationToken cancellationToken)
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
            var message = $"Could not start git ({exception.Message}); git {OldestVersion} or newer must be on the PATH.";
            throw new GitException(message, exception)
            {
                IsTransient = OperatingSystem.IsLinux() && Posix.IsErrorOfLoad(exception.NativeErrorCode),
            };
        }
    }

    private static Dictionary<string, string?> CreateEnvironment(string? gitDirectory)
    {
        Dictionary<string, string?> environment = new(StringComparer.Ordinal);

        // GIT_DIR would beat --git-dir's neighbours, GIT_CONFIG_COUNT would inject configuration, and so on: none is inherited.
        var inherited = Environment.GetEnvironmentVariables().Keys.Cast<string>();
        foreach (var name in inherited.Where(static name => name.StartsWith("GIT_", StringComparison.Ordinal)))
        {
            environment[name] = null;
        }

        // No transport: git would otherwise fetch missing objects with a command from the repository's own configuration.
        environment["GIT_ALLOW_PROTOCOL"] = "";
        environment["GIT_NO_LAZY_FETCH"] = "1";

        // Otherwise a file in the repository, which a build could write, would say where its configuration is.
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
