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

    /// <summary>Starts the handler of a message as soon as there is a slot. Hands the message back after the stop, and where its lease may have ended before the engine had answered.</summary>
    public void Add(HeldDelivery held)
    {
        lock (_gate)
        {
            if (_isStopped || held.LeaseEndsAt <= timeProvider.GetTimestamp())
            {
                Finish(held, Resolution.HandBack);
                finished();
                return;
            }

            if (_running == concurrency)
            {
                _ready.Enqueue(held);
                return;
            }

            _running++;
            held.HasSlot = true;
        }

        Start(held);
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

    /// <summary>Finishes a message without its handler, and gives its slot to the next; the handler may never end.</summary>
    public void GiveUp(HeldDelivery held)
    {
        HeldDelivery? next;
        lock (_gate)
        {
            if (!Finish(held, runner.ResolutionWithout(held)))
            {
                return;
            }

            next = held.HasSlot ? Next() : null;
        }

        if (next is not null)
        {
            Start(next);
        }

        runner.GaveUp(held);
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

    // Without the context of the pump: nothing of one message is to be seen by another.
    private void Start(HeldDelivery held) =>
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Slots.RunAsync(state.Held), (Slots: this, Held: held), preferLocal: false);

    private async Task RunAsync(HeldDelivery? held)
    {
        while (held is not null)
        {
            held.Start(timeProvider.GetTimestamp());
            if (!await runner.RunAsync(held).ConfigureAwait(false))
            {
                return;
            }

            _finished.Enqueue(held);
            held = Next();
            finished();
        }
    }

    private bool Finish(HeldDelivery held, Resolution resolution)
    {
        if (!held.TryResolve(resolution))
        {
            return false;
        }

        _finished.Enqueue(held);
        return true;
    }

    private HeldDelivery? Next()
    {
        lock (_gate)
        {
            while (!_isStopped && _ready.TryDequeue(out var held))
            {
                // What was given up while it waited is finished.
                if (held.Resolution is null)
                {
                    held.HasSlot = true;
                    return held;
                }
            }

            _running--;
            return null;
        }
    }
}
