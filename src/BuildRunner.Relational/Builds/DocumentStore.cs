using BuildRunner.Queue.Rules;

namespace BuildRunner.Relational;

/// <summary>Keeps documents in a table beside the builds, and saves them together with builds.</summary>
internal sealed class DocumentStore(RelationalQueueEngine engine, IBuildDatabase database, BuildStatements statements)
{
    public async Task<DocumentReading> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        await RowsAsync(DocumentStatements.Find(names), cancellationToken).ConfigureAwait(false);

    public async Task<DocumentReading> ListAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) =>
        await RowsAsync(DocumentStatements.List(prefix, limit, after), cancellationToken).ConfigureAwait(false);

    /// <summary>Saves all or nothing, in a transaction of its own. Its rows are locked in the order of documents by name, then builds by
    /// key, so that no two of them wait for each other.</summary>
    public async Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var token = Random.Shared.NextInt64();
        var writes = WritesOf(commit, token);
        var tries = 0;
        try
        {
            return await engine.RunAsync(
                async session =>
                {
                    tries++;
                    await WriteAsync(session, writes, commit, CancellationToken.None).ConfigureAwait(false);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (LostCommitException)
        {
            // An earlier try may have committed although its answer was lost; it woke nobody.
            if (tries < 2 || !await IsSavedAsync(commit, token).ConfigureAwait(false))
            {
                return false;
            }

            foreach (var message in commit.Messages)
            {
                database.Signals.Wake(message.Topic, message.Delay);
            }

            return true;
        }
    }

    public async Task<int> DeleteExpiredAsync(int limit, CancellationToken cancellationToken)
    {
        var first = await RowsAsync(DocumentStatements.FirstExpired(limit), cancellationToken).ConfigureAwait(false);
        List<BuildDocument> expired = [.. first.Documents.Where(document => document.ExpiresAt <= first.Now)];
        return expired.Count == 0
            ? 0
            : await engine.RunAsync(
                async session =>
                {
                    var deleted = 0;
                    for (var i = 0; i < expired.Count; i++)
                    {
                        var statement = DocumentStatements.Delete(expired[i]);
                        deleted += await session.ExecuteAsync(statement, i == expired.Count - 1, cancellationToken).ConfigureAwait(false);
                    }

                    return deleted;
                },
                cancellationToken).ConfigureAwait(false);
    }

    private static BuildDocument Read(DbDataReader row) => new()
    {
        Name = row.GetString(0),
        Value = row.GetString(1),
        Version = row.GetInt64(2),
        ExpiresAt = row.IsDBNull(3) ? null : BuildRow.Time(row.GetInt64(3)),
    };

    private static async Task WriteAsync(
        QueueSession session, List<SqlStatement> writes, BuildCommit commit, CancellationToken cancellationToken)
    {
        for (var i = 0; i < writes.Count; i++)
        {
            // What is last commits, so it cannot be taken back.
            var isLast = i == writes.Count - 1 && commit.Messages.Count == 0 && writes.Count == 1;
            if (await session.ExecuteAsync(writes[i], isLast, cancellationToken).ConfigureAwait(false) == 0)
            {
                throw new LostCommitException();
            }
        }

        if (commit.Messages.Count > 0)
        {
            await new PublishTransaction(session).RunAsync(commit.Messages, cancellationToken).ConfigureAwait(false);
        }
    }

    private List<SqlStatement> WritesOf(BuildCommit commit, long token)
    {
        var ignore = database.BuildDialect.IgnoreConflict;
        var documents = commit.Documents.OrderBy(static document => document.Name, StringComparer.Ordinal)
            .Select(document => DocumentStatements.Save(document, token, ignore));
        var builds = commit.Created.Select(build => (build.Key, Write: statements.Insert(build, token)))
            .Concat(commit.Updated.Select(build => (build.Key, Write: statements.Update(build, token, commit.Guard))))
            .OrderBy(static save => save.Key, StringComparer.Ordinal).Select(static save => save.Write);
        return [.. documents, .. builds];
    }

    private async Task<bool> IsSavedAsync(BuildCommit commit, long token)
    {
        // Others may have saved the document since, but hardly the build.
        var statement = commit.Created.Concat(commit.Updated).FirstOrDefault() is { } build
            ? BuildStatements.FindSaved(build.Id, token)
            : DocumentStatements.FindSaved(commit.Documents[0].Name, token);
        var isSaved = false;
        await engine.TryAsync(
            () => database.ReadAsync(statement, _ => isSaved = true, CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
        return isSaved;
    }

    private Task<DocumentReading> RowsAsync(SqlStatement statement, CancellationToken cancellationToken) => engine.TryAsync(
        async () =>
        {
            List<BuildDocument> documents = [];
            var clock = await database.ReadAsync(statement, row => documents.Add(Read(row)), cancellationToken).ConfigureAwait(false);
            return new DocumentReading { Documents = documents, Now = BuildRow.Time(clock.Floor) };
        },
        cancellationToken);
}
