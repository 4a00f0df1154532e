using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>
/// The records of triggers: each is a commit whose message is the record and whose parent is what was built, under a reference of the remote. So whoever has the record has what was built, also when the reference of the build is gone.
/// </summary>
/// <remarks>What is final is kept here as well. Safe for concurrent use.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class MergedRecords(PrivateRepository repository, RemoteRepository remote, string scope, string cookie)
{
    private readonly ConcurrentDictionary<string, MergedRecord> _final = new(StringComparer.Ordinal);

    /// <summary>Makes the commit of a record. Nobody else knows it before it is pushed.</summary>
    /// <exception cref="GitException">git could not.</exception>
    public async Task<string> WriteAsync(MergedRecord record, CancellationToken cancellationToken)
    {
        // A tree that is there already, because every commit has one.
        string[] arguments = ["commit-tree", record.Parent + "^{tree}", "-p", record.Parent, "-F", "-"];
        var json = JsonSerializer.Serialize(record, MergedJson.Default.MergedRecord);
        return (await repository.OpenGit(cookie).RunOrThrowAsync(arguments, cancellationToken, json + "\n").ConfigureAwait(false)).Text;
    }

    /// <summary>Gets the record that a reference of the remote points to, or <see langword="null"/> where it is none of ours.</summary>
    /// <exception cref="GitException">It cannot be fetched.</exception>
    public async Task<MergedRecord?> ReadAsync(string token, string commitId, CancellationToken cancellationToken)
    {
        // A name of its own: somebody else may read the same record.
        var name = MergedTokens.New();
        var references = new[] { (commitId, MergedTokens.RecordOf(token)) }.ToLookup(static pair => pair.commitId, static pair => pair.Item2);
        await remote.FetchAsync([commitId], references, name, cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
        try
        {
            // What is known here is not changed by what somebody has written there.
            var record = await ReadHereAsync(commitId, cancellationToken).ConfigureAwait(false);
            return record is null || (await FindHereAsync(token, cancellationToken).ConfigureAwait(false) is { } known && !known.IsOfSame(record))
                ? record
                : Keep(token, commitId, record);
        }
        finally
        {
            repository.ForgetFetched(name);
        }
    }

    /// <summary>Gets a final record that this state directory has.</summary>
    public async Task<MergedRecord?> FindHereAsync(string token, CancellationToken cancellationToken)
    {
        if (_final.TryGetValue(token, out var known))
        {
            return known;
        }

        return repository.FindHeld(token) is { } commitId
            ? Keep(token, commitId, await ReadHereAsync(commitId, cancellationToken).ConfigureAwait(false))
            : null;
    }

    /// <summary>Gets the record of a token from wherever it is, or <see langword="null"/>.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindAsync(string token, CancellationToken cancellationToken) =>
        await FindHereAsync(token, cancellationToken).ConfigureAwait(false) ?? await FindThereAsync(token, cancellationToken).ConfigureAwait(false);

    /// <summary>Gets the record of a token from the remote, or <see langword="null"/>.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindThereAsync(string token, CancellationToken cancellationToken)
    {
        var reference = MergedTokens.RecordOf(token);
        var found = await remote.ListAsync([reference], cancellationToken).ConfigureAwait(false);
        return found.TryGetValue(reference, out var commitId)
            ? await ReadAsync(token, commitId, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Keeps a record that is at the remote, if it is final.</summary>
    public MergedRecord? Keep(string token, string commitId, MergedRecord? record)
    {
        if (record is { BuildId: not null, IsAmbiguous: false })
        {
            _final[token] = record;
            repository.Hold(token, commitId);
        }

        return record;
    }

    /// <summary>Forgets a record that is not at the remote any more.</summary>
    public void Forget(string token)
    {
        _final.TryRemove(token, out _);
        repository.Forget(token);
    }

    /// <summary>Gets the tokens of all that is kept here.</summary>
    public IEnumerable<string> Kept() => repository.HeldBuilds().Where(MergedTokens.IsToken);

    /// <summary>Gets the commit of the record that is kept here, or <see langword="null"/>.</summary>
    public string? FindKept(string token) => repository.FindHeld(token);

    /// <summary>Gets records by the commits that references of the remote point to, all at once, of whatever registration. What is no record is not among them.</summary>
    /// <exception cref="GitException">They cannot be fetched.</exception>
    public async Task<IReadOnlyDictionary<string, MergedRecord>> ReadAllAsync(
        IReadOnlyDictionary<string, string> commitsByReference, CancellationToken cancellationToken)
    {
        var name = MergedTokens.New();
        List<string> commitIds = [.. commitsByReference.Values.Distinct(StringComparer.Ordinal)];
        await remote.FetchAsync(
            commitIds, commitsByReference.ToLookup(static pair => pair.Value, static pair => pair.Key), name, cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
        var objects = await StoredObjects.ReadAsync(repository.OpenGit(cookie), commitIds, cancellationToken).ConfigureAwait(false);
        repository.ForgetFetched(name);
        Dictionary<string, MergedRecord> records = new(StringComparer.Ordinal);
        foreach (var (commitId, content) in objects)
        {
            if (Parse(content) is { } record)
            {
                records[commitId] = record;
            }
        }

        return records;
    }

    private async Task<MergedRecord?> ReadHereAsync(string commitId, CancellationToken cancellationToken)
    {
        var objects = await StoredObjects.ReadAsync(repository.OpenGit(cookie), [commitId], cancellationToken).ConfigureAwait(false);
        return objects.TryGetValue(commitId, out var content) && Parse(content) is { } record && record.Scope == scope ? record : null;
    }

    private static MergedRecord? Parse(ReadOnlyMemory<byte> content)
    {
        var text = Encoding.UTF8.GetString(content.Span);
        try
        {
            return text.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var end
                && JsonSerializer.Deserialize(text[end..], MergedJson.Default.MergedRecord) is { IsWellFormed: true } record ? record : null;
        }
        catch (JsonException)
        {
            // Somebody else's commit, or of a version to come.
            return null;
        }
    }
}
