using System.Security.Cryptography;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Npm;

/// <summary>A folder of npm packages at the versions of a lock file, outside of the tree.</summary>
/// <remarks>Thread-safe. It is installed once per machine, and several processes may want it at once.</remarks>
internal sealed class NpmDirectory(string source, string node = "node")
{
    private static readonly Version OldestNode = new(20, 11);

    // A registry that hangs is one that cannot be reached.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Lazy<Task<string>> _path = new(() => InstallAsync(source, PathOf(source), node));

    /// <summary>Gets where the packages are, beside everything that the source has.</summary>
    /// <exception cref="NpmUnavailableException">There is no node, an old one or no npm, or the packages cannot be installed.</exception>
    public Task<string> GetPathAsync() => _path.Value;

    /// <summary>Runs a script of the folder.</summary>
    /// <returns>What it has put out.</returns>
    public async Task<string> RunAsync(string script, string input, CancellationToken cancellationToken, params string[] arguments)
    {
        var directory = await GetPathAsync();
        var result = await Cli.Wrap(node)
            .WithArguments([script, .. arguments])
            .WithWorkingDirectory(directory)
            .WithStandardInputPipe(PipeSource.FromString(input))
            .ExecuteBufferedAsync(cancellationToken);
        return result.StandardOutput;
    }

    /// <summary>Gets where the packages of a source are, once they are installed, beside a file of that name and <c>.lock</c>.</summary>
    internal static string PathOf(string source) =>
        Path.Combine(Path.GetTempPath(), $"buildrunner-npm-{Environment.UserName}-{Digest(source)}");

    private static async Task<string> InstallAsync(string source, string directory, string node)
    {
        using var stop = new CancellationTokenSource(Patience);
        try
        {
            await CheckNodeAsync(node, stop.Token);

            // Whoever else wants the same packages waits for them.
            await using var held = await LockAsync(directory + ".lock", stop.Token);
            if (!Directory.Exists(directory))
            {
                await RunNpmAsync(source, directory, stop.Token);
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new NpmUnavailableException($"The packages of {source} were not installed within {Patience}.", exception);
        }

        return directory;
    }

    private static async Task CheckNodeAsync(string node, CancellationToken cancellationToken)
    {
        var need = $"The checks that GitHub and others have published need Node.js {OldestNode} or newer and npm";
        try
        {
            var result = await Cli.Wrap(node).WithArguments(["--version"]).ExecuteBufferedAsync(cancellationToken);
            var version = result.StandardOutput.Trim();
            if (!Version.TryParse(version.TrimStart('v'), out var known) || known < OldestNode)
            {
                throw new NpmUnavailableException($"{need}; '{node}' is {version}.");
            }
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new NpmUnavailableException($"{need}; '{node}' is not installed.", exception);
        }
    }

    private static async Task RunNpmAsync(string source, string directory, CancellationToken cancellationToken)
    {
        var unfinished = Directory.CreateDirectory($"{directory}.{Guid.NewGuid():N}").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(source))
            {
                File.Copy(file, Path.Combine(unfinished, Path.GetFileName(file)));
            }

            var result = await Cli.Wrap("npm")
                .WithArguments(["ci"])
                .WithWorkingDirectory(unfinished)
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellationToken);
            if (result.ExitCode != 0)
            {
                var reasons = result.StandardError.Split('\n', StringSplitOptions.TrimEntries).Take(5);
                throw new NpmUnavailableException($"npm has not installed the packages of {source}: {string.Join("; ", reasons)}");
            }

            // What is there is complete, whenever a process ends.
            Directory.Move(unfinished, directory);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new NpmUnavailableException("npm, which comes with Node.js or as a package of its own, is not installed.", exception);
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    private static string Digest(string source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(source).Order(StringComparer.Ordinal))
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
