namespace BuildRunner.Relational;

/// <summary>Saves many new builds in few transactions. A build that cannot be saved fails alone.</summary>
internal sealed class BuildCreates(BuildSaves saves, BuildStatements statements, IBuildDatabase database)
{
    private const int LargestTransaction = 250;

    public async Task<IReadOnlyList<BuildCreateResult>> CreateAllAsync(
        IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // A server works on several at a time. A database with one writer does not.
        var size = database.BuildDialect.GroupsCommits ? builds.Count : LargestTransaction;
        var chunks = builds.Select(static (create, i) => new Item(create.Build, create.Messages, Random.Shared.NextInt64(), i))
            .OrderBy(static item => item.Build.Key, StringComparer.Ordinal).Chunk(Math.Max(1, size)).ToList();
        var results = new BuildCreateResult[builds.Count];
        await Task.WhenAll(chunks.Select(chunk => CreateAsync(chunk, results))).WaitAsync(cancellationToken).ConfigureAwait(false);
        return results;
    }

    private async Task CreateAsync(ArraySegment<Item> items, BuildCreateResult[] results)
    {
        try
        {
            var isSaved = await saves.CreateAllAsync(
                [.. statements.InsertAll([.. items.Select(static item => (item.Build, item.Token))])],
                [.. items.Select(static item => item.Messages)],
                () => [.. items.Select(SaveOf)]).ConfigureAwait(false);
            for (var i = 0; i < items.Count; i++)
            {
                results[items[i].Index] = new(isSaved[i]);
            }
        }
        catch (Exception exception) when (items.Count == 1 || IsOfAll(exception))
        {
            foreach (var item in items)
            {
                results[item.Index] = new(IsCreated: false, exception);
            }
        }
        catch (Exception)
        {
            // One of them cannot be saved. Halves find it in fewer transactions than there are builds.
            await CreateAsync(items[..(items.Count / 2)], results).ConfigureAwait(false);
            await CreateAsync(items[(items.Count / 2)..], results).ConfigureAwait(false);
        }
    }

    // What no row is to blame for, such as a missing right or a server that is away, would fail each of them.
    private bool IsOfAll(Exception exception) => exception is not RowLockedException && database.KindOf(exception) != FailureKind.Content;

    private BuildSave SaveOf(Item item) => new(
        item.Build.Key, statements.Insert(item.Build, item.Token), BuildStatements.FindSaved(item.Build.Id, item.Token), item.Messages);

    private readonly record struct Item(Build Build, IReadOnlyList<OutgoingMessage> Messages, long Token, int Index);
}
