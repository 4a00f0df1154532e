using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Stores the records of triggers under references of the remote. A record is the message of a commit whose parent is the built
/// commit, so whoever has the record also has the built commit, even if the reference of the build is gone.</summary>
/// <remarks>Final records are also kept here. Thread-safe.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class MergedRecords(PrivateRepository repository, RemoteRepository remote, string scope, string cookie)
{
    private readonly ConcurrentDictionary<string, MergedRecord> _final = new(StringComparer.Ordinal);

    /// <summary>Creates the commit of a record. It is private until it is pushed.</summary>
    /// <exception cref="GitException">git failed.</exception>
    public async Task<string> WriteAsync(MergedRecord record, CancellationToken cancellationToken)
    {
        // Any existing tree will do.
        string[] arguments = ["commit-tree", record.Parent + "^{tree}", "-p", record.Parent, "-F", "-"];
        var json = JsonSerializer.Serialize(record, MergedJson.Default.MergedRecord);
        return (await repository.OpenGit(cookie).RunOrThrowAsync(arguments, cancellationToken, json + "\n").ConfigureAwait(false)).Text;
    }

    /// <summary>Reads the record that a reference of the remote points to, or returns <see langword="null"/> if it is not one of this
    /// registration.</summary>
    /// <exception cref="GitException">The record cannot be fetched.</exception>
    public async Task<MergedRecord?> ReadAsync(string token, string commitId, CancellationToken cancellationToken)
    {
        // A unique name, because another call may read the same record.
        var name = MergedTokens.New();
        var references = new[] { commitId }.ToLookup(static id => id, _ => MergedTokens.RecordOf(token));
        await remote.FetchAsync([commitId], references, name, cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
        try
        {
            // A record that is kept here is not replaced by another one that somebody wrote there.
            var record = await ReadHereAsync(commitId, cancellationToken).ConfigureAwait(false);
            var known = record is null ? null : await FindHereAsync(token, cancellationToken).ConfigureAwait(false);
            return record is null || (known is not null && !known.IsOfSame(record)) ? record : Keep(token, commitId, record);
        }
        finally
        {
            repository.ForgetFetched(name);
        }
    }

    /// <summary>Finds a final record that is kept here.</summary>
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

    /// <summary>Finds the record of a token, here or at the remote.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindAsync(string token, CancellationToken cancellationToken) =>
        await FindHereAsync(token, cancellationToken).ConfigureAwait(false)
        ?? await FindThereAsync(token, cancellationToken).ConfigureAwait(false);

    /// <summary>Finds the record of a token at the remote.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindThereAsync(string token, CancellationToken cancellationToken)
    {
        var reference = MergedTokens.RecordOf(token);
        var found = await remote.ListAsync([reference], cancellationToken).ConfigureAwait(false);
        return found.TryGetValue(reference, out var commitId)
            ? await ReadAsync(token, commitId, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Keeps a record of the remote if it is final.</summary>
    public MergedRecord? Keep(string token, string commitId, MergedRecord? record)
    {
        if (record is { BuildId: not null, IsAmbiguous: false })
        {
            _final[token] = record;
            repository.Hold(token, commitId);
        }

        return record;
    }

    /// <summary>Forgets a record that the remote no longer has.</summary>
    public void Forget(string token)
    {
        _final.TryRemove(token, out _);
        repository.Forget(token);
    }

    /// <summary>Gets the tokens of all kept records.</summary>
    public IEnumerable<string> Kept() => repository.HeldBuilds().Where(MergedTokens.IsToken);

    /// <summary>Gets the commit of a kept record, or <see langword="null"/>.</summary>
    public string? FindKept(string token) => repository.FindHeld(token);

    /// <summary>Reads the records that references of the remote point to, in one call and of any registration. Anything else is left
    /// out.</summary>
    /// <exception cref="GitException">The commits cannot be fetched.</exception>
    public async Task<IReadOnlyDictionary<string, MergedRecord>> ReadAllAsync(
        IReadOnlyDictionary<string, string> commitsByReference, CancellationToken cancellationToken)
    {
        var name = MergedTokens.New();
        List<string> commitIds = [.. commitsByReference.Values.Distinct(StringComparer.Ordinal)];
        var references = commitsByReference.ToLookup(static pair => pair.Value, static pair => pair.Key);
        await remote.FetchAsync(commitIds, references, name, cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
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
                && JsonSerializer.Deserialize(text[end..], MergedJson.Default.MergedRecord) is { IsWellFormed: true } record
                    ? record
                    : null;
        }
        catch (JsonException)
        {
            // The commit of somebody else, or of a later version.
            return null;
        }
    }
}
