using System.Globalization;

namespace BuildRunner.Git.Host;

/// <summary>A CI in a directory. Its builds outlive every process: each is a file that contains the key and the change. One key gives one build. With a file "refuses", it creates nothing. With a file "lags", its list is behind, and each trigger with a key creates a build.</summary>
public sealed class FileCi(string directory) : IBuildRunner, IBuildFinder
{
    /// <summary>Gets the keys and the changes of all builds.</summary>
    public IReadOnlyList<(string Key, string Change)> Builds =>
        [.. Files().Select(File.ReadAllLines).Select(static lines => (lines[0], lines[1]))];

    /// <summary>Gets the runner of the CI of a directory: one that finds no builds, where there is a file "plain".</summary>
    public static IBuildRunner Open(string directory) => File.Exists(Path.Combine(directory, "plain")) ? new Plain(new FileCi(directory)) : new FileCi(directory);

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (File.Exists(Path.Combine(directory, "refuses")))
        {
            throw new BuildRunnerException("Not this.");
        }

        await using var alone = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (await FindAsync(request.TriggerKey!, cancellationToken) is { } known)
        {
            return known;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{Files().Length + 1}");
        await File.WriteAllLinesAsync(Path.Combine(directory, "lines"), [request.TriggerKey!, request.Head[0].Uris[0]], cancellationToken);
        File.Move(Path.Combine(directory, "lines"), Path.Combine(directory, "build-" + id));
        return new BuildId(id);
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        foreach (var file in File.Exists(Path.Combine(directory, "lags")) ? [] : Files())
        {
            if ((await File.ReadAllLinesAsync(file, cancellationToken))[0] == triggerKey)
            {
                return new BuildId(Path.GetFileName(file)["build-".Length..]);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        File.Exists(Path.Combine(directory, "build-" + buildId)) ? new BuildSnapshot { Status = BuildStatus.Succeeded } : throw new BuildNotFoundException(buildId);

    /// <inheritdoc/>
    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;

    private string[] Files() => [.. Directory.GetFiles(directory, "build-*").OrderBy(static file => file.Length).ThenBy(static file => file, StringComparer.Ordinal)];

    private sealed class Plain(IBuildRunner inner) : DelegatingBuildRunner(inner)
    {
        protected override bool ExposesInner => false;
    }
}
