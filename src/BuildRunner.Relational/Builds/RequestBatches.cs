namespace BuildRunner.Relational;

/// <summary>Runs requests together that come while others are being run, in their order.</summary>
/// <param name="most">How many batches run at a time: more than one, so that a slow one holds up few; and few, so that others come together.</param>
/// <param name="largest">How many requests are in a batch at most.</param>
/// <param name="gathers">Whether the first request waits for those that come with it.</param>
/// <param name="run">Runs a batch. It does not throw.</param>
internal sealed class RequestBatches<T>(int most, int largest, bool gathers, Func<List<T>, Task> run)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _waiting = new();
    private int _running;

    public void Add(T request)
    {
        lock (_lock)
        {
            _waiting.Enqueue(request);
            if (_running == most)
            {
                return;
            }

            _running++;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        if (gathers)
        {
            // At the end of the pool's queue, so that what comes together is run together; where nothing is in the queue it takes no time.
            await Task.Factory.StartNew(
                static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default).ConfigureAwait(false);
        }

        await run(Take()).ConfigureAwait(false);
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _running--;
                return;
            }
        }

        // Whoever began does not go on for all who have come since, and what is run for them is not part of what he does.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
    }

    private List<T> Take()
    {
        List<T> taken = [];
        lock (_lock)
        {
            while (taken.Count < largest && _waiting.TryDequeue(out var request))
            {
                taken.Add(request);
            }
        }

        return taken;
    }
}
