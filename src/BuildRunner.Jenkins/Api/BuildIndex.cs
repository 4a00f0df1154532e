using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>The builds by their key: those of this process, and what queue and job show, page by page once and then as far as it is new.</summary>
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
        var (queue, newest) = (await job.ListQueueAsync(cancellationToken).ConfigureAwait(false), _newest);
        List<(long QueueId, BuildOrder Order)> read = [.. queue.Select(static item => (item.Id, BuildOrder.Of(item.Actions)))];
        for (var (from, size) = (0, FirstPage); from < MaxRead; (from, size) = (from + size, Page))
        {
            var builds = await job.ListAsync($"number,queueId,{JenkinsJob.Actions}", from, size, HttpOperations.Check, cancellationToken)
                .ConfigureAwait(false);
            read.AddRange(builds.Select(static build => (build.QueueId, BuildOrder.Of(build.Actions))));
            newest = Math.Max(newest, builds.Select(static build => build.Number).FirstOrDefault());
            if (builds.Count < size || builds.Any(build => build.Number <= _newest))
            {
                break;
            }
        }

        queue = await job.ListQueueAsync(cancellationToken).ConfigureAwait(false);
        read.AddRange(queue.Select(static item => (item.Id, BuildOrder.Of(item.Actions))));
        read.Sort(static (one, other) => one.QueueId.CompareTo(other.QueueId));
        read.ForEach(build => Add(build.QueueId, build.Order));
        _newest = newest;
        return _found.Find(keyPart);
    }
}

internal sealed record FoundBuild(ItemId Id, string Word);
