using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>Builds by their keys: those of this process, and what queue and job show, all pages once and then what is new.</summary>
internal sealed class BuildIndex(JenkinsJob job)
{
    private const int MaxRead = 1000;
    private const int FirstPage = 20;
    private const int Page = 100;

    private readonly RecentBuilds<string, FoundBuild> _found = new();
    private long _newest;

    public void Add(long queueId, BuildOrder order) => _ = order.Word is { } word
        ? _found.GetOrAdd(order.KeyPart, new FoundBuild(new ItemId(queueId, order.KeyPart), word)) : null;

    public void Forget(ItemId id) => _found.Forget(id.KeyPart);

    /// <summary>Finds the oldest build of a key. Younger ones are copies that somebody has started by hand.</summary>
    public async Task<FoundBuild?> FindAsync(string keyPart, CancellationToken cancellationToken)
    {
        if (_found.Find(keyPart) is { } found)
        {
            return found;
        }

        // From the queue an item goes to the builds, and nowhere else. The second look is for a queue that shows it late.
        Task<List<Row>> ListQueueAsync() => job.ListQueueAsync($"id,{JenkinsJob.Given}", HttpOperations.Check, cancellationToken);
        var (rows, newest, known) = (await ListQueueAsync().ConfigureAwait(false), 0L, _newest);
        for (var (from, size) = (0, FirstPage); from < MaxRead; (from, size) = (from + size, Page))
        {
            const string Tree = $"number,queueId,{JenkinsJob.Given}";
            var builds = await job.ListAsync(Tree, from, size, HttpOperations.Check, cancellationToken).ConfigureAwait(false);
            rows.AddRange(builds);
            newest = Math.Max(newest, builds.FirstOrDefault()?.Number ?? 0);

            // A job that was made anew counts from one.
            known = newest < known ? 0 : known;
            from = builds.Count < size || builds.Exists(build => build.Number <= known) ? MaxRead : from;
        }

        rows.AddRange(await ListQueueAsync().ConfigureAwait(false));
        rows.OrderBy(static row => row.Key).ToList().ForEach(row => Add(row.Key, BuildOrder.Of(row.Actions)));
        _newest = newest;
        return _found.Find(keyPart);
    }
}

internal sealed record FoundBuild(ItemId Id, string Word);
