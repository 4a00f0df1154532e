using System.Collections.Concurrent;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs handlers, so many at a time, and collects what is to become of their messages.</summary>
internal sealed class HandlerSlots(int concurrency, HandlerRunner runner, TimeProvider timeProvider, Action finished)
{
    private readonly Lock _gate = new();
    private readonly Queue<HeldDelivery> _ready = new();
    private readonly ConcurrentQueue<HeldDelivery> _finished = new();
    private int _running;
    private bool _isStopped;

    public void Add(HeldDelivery held)
    {
        lock (_gate)
        {
            if (_running == concurrency)
            {
                _ready.Enqueue(held);
                return;
            }

            _running++;
        }

        // Without the context of the pump: nothing of one message is to be seen by another.
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Slots.RunAsync(state.Held), (Slots: this, Held: held), preferLocal: false);
    }

    public bool TryTakeFinished(out HeldDelivery held) => _finished.TryDequeue(out held!);

    /// <summary>Hands back what has waited for a slot for so long that its lease would have to be renewed; another process may have one.</summary>
    public void HandBackWaiting()
    {
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            while (_ready.TryPeek(out var held) && held.RenewAt <= now)
            {
                Finish(_ready.Dequeue(), Resolution.HandBack);
            }
        }
    }

    /// <summary>Hands back what has not been started, and starts nothing any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            while (_ready.TryDequeue(out var held))
            {
                Finish(held, Resolution.HandBack);
            }
        }

        finished();
    }

    private async Task RunAsync(HeldDelivery? held)
    {
        while (held is not null)
        {
            held.Start(timeProvider.GetTimestamp());
            Finish(held, held.Token.IsCancellationRequested ? Resolution.HandBack : await runner.RunAsync(held).ConfigureAwait(false));
            held = Next();
            finished();
        }
    }

    private void Finish(HeldDelivery held, Resolution resolution)
    {
        held.Resolution = resolution;
        _finished.Enqueue(held);
    }

    private HeldDelivery? Next()
    {
        lock (_gate)
        {
            if (!_isStopped && _ready.TryDequeue(out var held))
            {
                return held;
            }

            _running--;
            return null;
        }
    }
}
