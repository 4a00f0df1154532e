namespace BuildRunner.Relational;

/// <summary>Batches requests that arrive while others run, in order.</summary>
/// <param name="most">The maximum number of concurrent batches: several, so that a slow one delays few, but few, so that they fill.</param>
/// <param name="largest">The maximum number of requests in a batch.</param>
/// <param name="gathers">Whether the first request waits for those that arrive with it.</param>
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
            // Runs at the end of the pool's queue, so that requests that arrive together are run together.
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

        // The first caller does not run the batches of later ones, and its execution context must not flow into them.
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
