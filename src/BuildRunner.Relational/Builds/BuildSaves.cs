using BuildRunner.Queue.Rules;

namespace BuildRunner.Relational;

/// <summary>Saves builds. Saves that arrive while others run share one transaction: a commit takes longer than a row.</summary>
internal sealed class BuildSaves
{
    private const int MostTransactions = 4;
    private const int LargestTransaction = 64;

    private readonly RelationalQueueEngine _engine;
    private readonly IBuildDatabase _database;
    private readonly RequestBatches<BatchRequest<BuildSave, bool>> _batches;

    public BuildSaves(RelationalQueueEngine engine, IBuildDatabase database)
    {
        _engine = engine;
        _database = database;
        _batches = new(MostTransactions, LargestTransaction, gathers: true, AnswerAsync);
    }

    /// <summary>Saves a build, unless another save came first.</summary>
    public Task<bool> SaveAsync(BuildSave save, CancellationToken cancellationToken)
    {
        BatchRequest<BuildSave, bool> request = new(save, cancellationToken);
        if (!_database.BuildDialect.GroupsCommits)
        {
            _batches.Add(request);
        }
        else if (!request.IsGone)
        {
            _ = TryAnswerAsync([request], isShared: false, tries: 0);
        }

        return request.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Saves new builds in one transaction.</summary>
    /// <param name="inserts">Statements that insert all of the builds.</param>
    /// <param name="messages">The messages of each build.</param>
    /// <param name="saves">Gets the builds, in the order of their keys.</param>
    /// <returns>For each, <see langword="true"/> if it is saved; <see langword="false"/> if another save came first.</returns>
    public async Task<bool[]> CreateAllAsync(
        IReadOnlyList<SqlStatement> inserts, IReadOnlyList<IReadOnlyList<OutgoingMessage>> messages, Func<BuildSave[]> saves)
    {
        var tries = 0;
        try
        {
            return await _engine.RunAsync(
                async session =>
                {
                    tries++;
                    var inserted = 0;
                    foreach (var insert in inserts)
                    {
                        inserted += await session.ExecuteAsync(insert, isLast: false, CancellationToken.None).ConfigureAwait(false);
                    }

                    if (inserted != messages.Count)
                    {
                        throw new LostCommitException();
                    }

                    await new PublishTransaction(session).PublishNewAsync(
                        [.. messages.SelectMany(static all => all)], CancellationToken.None).ConfigureAwait(false);
                    return Enumerable.Repeat(true, messages.Count).ToArray();
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (LostCommitException)
        {
            // Some keys were taken, or an earlier try has committed. Statements of their own tell which.
            return await SaveAsync(saves(), isShared: false, tries - 1).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(List<BatchRequest<BuildSave, bool>> requests)
    {
        requests.RemoveAll(static request => request.IsGone);
        List<BatchRequest<BuildSave, bool>> ordered =
            [.. requests.OrderBy(static request => request.Content.Key, StringComparer.Ordinal)];
        if (ordered.Count > 0 && !await TryAnswerAsync(ordered, isShared: true, tries: 0).ConfigureAwait(false))
        {
            // One of them cannot be saved, or its row is locked; the others must not fail or wait with it, nor those that come later.
            ordered.ForEach(request => _ = TryAnswerAsync([request], isShared: false, tries: 1));
        }
    }

    private async Task<bool> TryAnswerAsync(List<BatchRequest<BuildSave, bool>> requests, bool isShared, int tries)
    {
        try
        {
            var saved = await SaveAsync([.. requests.Select(static request => request.Content)], isShared, tries)
                .ConfigureAwait(false);
            for (var i = 0; i < saved.Length; i++)
            {
                requests[i].SetResult(saved[i]);
            }
        }
        catch (Exception exception) when (
            isShared && (exception is RowLockedException || (requests.Count > 1 && !_engine.IsAway(exception))))
        {
            return false;
        }
        catch (Exception exception)
        {
            requests.ForEach(request => request.Fail(exception));
        }

        return true;
    }

    private async Task<bool[]> SaveAsync(BuildSave[] saves, bool isShared, int tries)
    {
        var saved = await _engine.RunAsync(
            session =>
            {
                tries++;
                session.IsShared = isShared;
                return new PublishTransaction(session).RunAsync(
                    [.. saves.Select(static save => ((StoreWrite)save.Statement, save.Messages))], CancellationToken.None);
            },
            CancellationToken.None).ConfigureAwait(false);

        // An earlier try may have committed although its answer was lost; it woke nobody.
        for (var i = 0; i < saves.Length && tries > 1; i++)
        {
            if (!saved[i] && await IsSavedAsync(saves[i]).ConfigureAwait(false))
            {
                saved[i] = true;
                foreach (var message in saves[i].Messages)
                {
                    _database.Signals.Wake(message.Topic, message.Delay);
                }
            }
        }

        return saved;
    }

    private async Task<bool> IsSavedAsync(BuildSave save)
    {
        var isSaved = false;
        await _engine.TryAsync(
            () => _database.ReadAsync(save.FindSaved, _ => isSaved = true, CancellationToken.None),
            CancellationToken.None).ConfigureAwait(false);
        return isSaved;
    }
}

/// <summary>Represents a build to save, a statement that finds the build if it was saved by this, and the messages to publish then. All
/// transactions lock builds in key order.</summary>
internal sealed record BuildSave(string Key, SqlStatement Statement, SqlStatement FindSaved, IReadOnlyList<OutgoingMessage> Messages);
