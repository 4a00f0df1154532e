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

    public void Add(long queueId, BuildOrder order)
    {
        if (order.Word is { } word)
        {
            _found.GetOrAdd(order.KeyPart, new FoundBuild(new ItemId(queueId, order.KeyPart), word));
        }
    }

    public void Forget(ItemId id) => _found.Forget(id.KeyPart);

    /// <summary>Finds the oldest build of a key. Younger ones are copies that somebody has started by hand.</summary>
    public async Task<FoundBuild?> FindAsync(string keyPart, CancellationToken cancellationToken)
    {
        if (_found.Find(keyPart) is { } known)
        {
            return known;
        }

        // From the queue an item goes to the builds, and nowhere else. The second look is for a queue that shows it late.
        var (read, newest) = (await job.ListQueuedAsync(cancellationToken).ConfigureAwait(false), _newest);
        for (var (from, size) = (0, FirstPage); from < MaxRead; (from, size) = (from + size, Page))
        {
            var builds = await job.ListGivenAsync(from, size, cancellationToken).ConfigureAwait(false);
            read.AddRange(builds.Select(static build => (build.QueueId, BuildOrder.Of(build.Actions))));
            newest = Math.Max(newest, builds.FirstOrDefault()?.Number ?? 0);
            from = builds.Count < size || builds.Exists(build => build.Number <= _newest) ? MaxRead : from;
        }

        read.AddRange(await job.ListQueuedAsync(cancellationToken).ConfigureAwait(false));
        read.OrderBy(static build => build.QueueId).ToList().ForEach(build => Add(build.QueueId, build.Order));
        _newest = newest;
        return _found.Find(keyPart);
    }
}

internal sealed record FoundBuild(ItemId Id, string Word);
