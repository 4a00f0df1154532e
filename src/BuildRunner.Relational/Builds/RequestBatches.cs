namespace BuildRunner.Relational;

/// <summary>Batches requests that arrive while others run, in order. There are several batches at a time, so that a slow one delays few,
/// but few, so that they fill. Running a batch does not throw. The first request may wait for those that arrive with it.</summary>
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

        Start();
    }

    // Without the context of a caller, which must not flow into the requests of others. The end of the pool's queue is behind the
    // callers whose requests are gathered.
    private void Start() => ThreadPool.UnsafeQueueUserWorkItem(static batches => _ = batches.RunAsync(), this, preferLocal: !gathers);

    private async Task RunAsync()
    {
        await run(Take()).ConfigureAwait(false);
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _running--;
                return;
            }
        }

        Start();
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

/// <summary>Represents a request in a batch, and the answer to its caller.</summary>
internal sealed class BatchRequest<TContent, TAnswer>(TContent content, CancellationToken cancellationToken)
    : TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public TContent Content { get; } = content;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public bool IsGone => CancellationToken.IsCancellationRequested;

    public void Fail(Exception exception)
    {
        SetException(exception);

        // A caller that has left does not observe it.
        _ = Task.Exception;
    }
}
