using BuildRunner.Queue;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Is done with each message, and tells when some number of them has come.</summary>
internal sealed class CountingHandler(CountingHandler.Counter counter) : IMessageHandler
{
    public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        counter.Add();
        return Task.FromResult(Outcome.Done);
    }

    internal sealed class Counter(int count)
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Finished => _finished.Task;

        public void Add()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _finished.TrySetResult();
            }
        }
    }
}
