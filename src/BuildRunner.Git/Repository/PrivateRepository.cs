namespace BuildRunner.Git.Repository;

/// <summary>
/// The bare repository in which everything happens. It borrows the objects of the user's repository and keeps what it makes itself, so that nothing of the user's is written, and nothing of it but objects decides anything.
/// </summary>
internal sealed class PrivateRepository : IDisposable
{
    private const string References = "refs/buildrunner/builds/";

    private readonly string _path;
    private readonly UserRepository _user;
    private readonly GitCommand _git;

    // One merge at a time: the attributes that decide it lie in a file of the repository.
    private readonly SemaphoreSlim _merging = new(1, 1);

    private PrivateRepository(string path, UserRepository user)
    {
        _path = path;
        _user = user;
        _git = new GitCommand(path, path);
    }

    public string ObjectFormat => _user.ObjectFormat;

    private int CommitIdLength => ObjectFormat == "sha1" ? 40 : 64;

    public string ObjectsDirectory => Path.Combine(_path, "objects");

    public string ShallowFile => Path.Combine(_path, "shallow");

    /// <exception cref="GitException">git or the user's repository cannot be used.</exception>
    public static async Task<PrivateRepository> OpenAsync(string path, string userRepository, CancellationToken cancellationToken)
    {
        await GitCommand.CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        var user = await UserRepository.OpenAsync(userRepository, cancellationToken).ConfigureAwait(false);

        // What an earlier process has made is of no use: its builds are forgotten.
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return new PrivateRepository(path, user);
    }

    /// <summary>Gets the commit that the target is now.</summary>
    /// <exception cref="GitException">There is none.</exception>
    public async Task<string> ResolveTargetAsync(string target, CancellationToken cancellationToken)
    {
        var objectId = await _user.ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        Prepare();

        // Here, where nothing is fetched to answer.
        var commit = await _git.RunAsync(["rev-parse", "--quiet", "--verify", "--end-of-options", objectId + "^{commit}"], cancellationToken).ConfigureAwait(false);
        return commit.Succeeded
            ? commit.Text
            : throw new GitException($"The target '{target}' is {objectId}, which is not a commit that the repository has.");
    }

    /// <summary>Gets the first of the ids that names no commit, or <see langword="null"/> where all do.</summary>
    public async Task<string?> FindMissingAsync(IReadOnlyCollection<string> commitIds, CancellationToken cancellationToken)
    {
        if (commitIds.Count == 0)
        {
            return null;
        }

        // git takes the beginning of an id for the id.
        if (commitIds.FirstOrDefault(commitId => commitId.Length != CommitIdLength) is { } abbreviated)
        {
            return abbreviated;
        }

        Prepare();
        var arguments = new[] { "cat-file", "--batch-check=%(objecttype)" };
        var answer = await _git.RunOrThrowAsync(arguments, cancellationToken, string.Join('\n', commitIds) + "\n").ConfigureAwait(false);
        var types = answer.Text.Split('\n');
        return types.Length == commitIds.Count
            ? commitIds.Zip(types).FirstOrDefault(static pair => pair.Second != "commit").First
            : throw GitCommand.Failed(arguments, answer);
    }

    /// <summary>Merges the changes onto the target, one after the other, without a work tree, and holds the result by a reference of the build.</summary>
    public async Task<ApplyResult> ApplyAsync(string target, IEnumerable<AppliedChange> changes, string buildId, CancellationToken cancellationToken)
    {
        await _merging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Prepare();
            await CopyAttributesAsync(target, cancellationToken).ConfigureAwait(false);
            var current = target;
            foreach (var change in changes)
            {
                switch (await MergeAsync(current, change, cancellationToken).ConfigureAwait(false))
                {
                    case ApplyResult.Applied applied:
                        current = applied.CommitId;
                        break;
                    case var conflict:
                        return conflict;
                }
            }

            await _git.RunOrThrowAsync(["update-ref", References + buildId, current], cancellationToken).ConfigureAwait(false);
            return new ApplyResult.Applied(current);
        }
        finally
        {
            _merging.Release();
        }
    }

    /// <summary>Lets go of the result of a build.</summary>
    public Task ForgetAsync(string buildId, CancellationToken cancellationToken) =>
        _git.RunOrThrowAsync(["update-ref", "-d", References + buildId], cancellationToken);

    public void Dispose() => _merging.Dispose();

    private void Prepare() => GitDirectory.Write(_path, _user.ObjectFormat, bare: true, [_user.ObjectsDirectory], _user.ShallowFile);

    private async Task CopyAttributesAsync(string target, CancellationToken cancellationToken)
    {
        var attributes = Path.Combine(_path, "info", "attributes");
        var answer = await _git.RunAsync(["cat-file", "blob", target + ":.gitattributes"], cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            await File.WriteAllBytesAsync(attributes, answer.Output, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            File.Delete(attributes);
        }
    }

    private async Task<ApplyResult> MergeAsync(string current, AppliedChange change, CancellationToken cancellationToken)
    {
        string[] arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", current, change.CommitId];
        var merge = await _git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var fields = Split(merge.Output);

        // A conflict has the tree first; a missing object ends with 1 as well, but with nothing on the output.
        if (merge.ExitCode == 1 && fields.Count > 0)
        {
            return new ApplyResult.Conflict(change.Side, change.CommitId, [.. fields.Skip(1).Select(static path => GitPath.ToText(path.Span))]);
        }

        if (!merge.Succeeded)
        {
            var common = await _git.RunAsync(["merge-base", current, change.CommitId], cancellationToken).ConfigureAwait(false);
            return common is { ExitCode: 1, Output.Length: 0, Error: "" }
                ? new ApplyResult.Unrelated(change.Side, change.CommitId)
                : throw GitCommand.Failed(arguments, merge);
        }

        var tree = System.Text.Encoding.ASCII.GetString(fields[0].Span);
        var commit = await _git.RunOrThrowAsync(
            ["commit-tree", tree, "-p", current, "-p", change.CommitId, "-m", $"Apply {change.CommitId}"], cancellationToken).ConfigureAwait(false);
        return new ApplyResult.Applied(commit.Text);
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> output)
    {
        List<ReadOnlyMemory<byte>> fields = [];
        while (output.Span.IndexOf((byte)0) is >= 0 and var end)
        {
            fields.Add(output[..end]);
            output = output[(end + 1)..];
        }

        return fields;
    }
}
