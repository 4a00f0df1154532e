using System.Collections.Concurrent;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs a limited number of handlers at a time and collects the resolutions of their messages.</summary>
internal sealed class HandlerSlots(int concurrency, HandlerRunner runner, TimeProvider timeProvider, Action finished)
{
    private readonly Lock _gate = new();
    private readonly Queue<LeasedDelivery> _ready = new();
    private readonly ConcurrentQueue<LeasedDelivery> _finished = new();
    private int _running;
    private bool _isStopped;

    /// <summary>Starts the handler of a message when a slot is free. Hands the message back if stopped or if its lease may have
    /// ended.</summary>
    public void Add(LeasedDelivery leased)
    {
        lock (_gate)
        {
            if (_isStopped || leased.LeaseEndsAt <= timeProvider.GetTimestamp())
            {
                Finish(leased, Outcome.HandBack);
                finished();
                return;
            }

            if (_running == concurrency)
            {
                _ready.Enqueue(leased);
                return;
            }

            _running++;
            leased.HasSlot = true;
        }

        Start(leased);
    }

    public bool TryTakeFinished(out LeasedDelivery leased) => _finished.TryDequeue(out leased!);

    /// <summary>Hands back messages that waited for a slot until their renewal; another process may have one.</summary>
    public void HandBackWaiting()
    {
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            while (_ready.TryPeek(out var leased) && leased.RenewAt <= now)
            {
                Finish(_ready.Dequeue(), Outcome.HandBack);
            }
        }
    }

    /// <summary>Resolves a message without its handler, which may never end, and frees the slot.</summary>
    public void GiveUp(LeasedDelivery leased)
    {
        LeasedDelivery? next;
        lock (_gate)
        {
            if (!Finish(leased, runner.ResolutionWithout(leased)))
            {
                return;
            }

            next = leased.HasSlot ? Next() : null;
        }

        if (next is not null)
        {
            Start(next);
        }

        runner.GaveUp(leased);
    }

    /// <summary>Hands back what has not started, and starts nothing else.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            while (_ready.TryDequeue(out var leased))
            {
                Finish(leased, Outcome.HandBack);
            }
        }

        finished();
    }

    // Without the pump's execution context: nothing may flow from one message to another.
    private void Start(LeasedDelivery leased) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Slots.RunAsync(state.Leased), (Slots: this, Leased: leased), preferLocal: false);

    private async Task RunAsync(LeasedDelivery? leased)
    {
        while (leased is not null)
        {
            leased.StartedAt = timeProvider.GetTimestamp();
            if (!await runner.RunAsync(leased).ConfigureAwait(false))
            {
                return;
            }

            _finished.Enqueue(leased);
            leased = Next();
            finished();
        }
    }

    private bool Finish(LeasedDelivery leased, Outcome resolution)
    {
        if (!leased.TryResolve(resolution))
        {
            return false;
        }

        _finished.Enqueue(leased);
        return true;
    }

    private LeasedDelivery? Next()
    {
        lock (_gate)
        {
            while (!_isStopped && _ready.TryDequeue(out var leased))
            {
                // A message given up while it waited is finished.
                if (leased.Resolution is null)
                {
                    leased.HasSlot = true;
                    return leased;
                }
            }

            _running--;
            return null;
        }
    }
}
