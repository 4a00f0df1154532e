using System.Collections.Concurrent;

namespace BuildRunner.Queue.Sessions;

/// <summary>Wakes subscribers in this process when a topic may have something to claim. Safe for use by several threads.</summary>
internal sealed class WakeSignals
{
    private readonly ConcurrentDictionary<Subscription, string> _subscriptions = new();

    /// <summary>Calls a method at each wake of a topic, with the time until it has something. Dispose the result to unsubscribe.</summary>
    public IDisposable Subscribe(string topic, Action<TimeSpan> wake)
    {
        Subscription subscription = new(this, wake);
        _subscriptions[subscription] = topic;
        return subscription;
    }

    public void Wake(string topic, TimeSpan after)
    {
        foreach (var (subscription, subscribed) in _subscriptions)
        {
            if (string.Equals(subscribed, topic, StringComparison.Ordinal))
            {
                subscription.Wake(after);
            }
        }
    }

    /// <summary>Wakes all subscribers, in case they missed something.</summary>
    public void WakeAll()
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Wake(TimeSpan.Zero);
        }
    }

    private sealed class Subscription(WakeSignals owner, Action<TimeSpan> wake) : IDisposable
    {
        public Action<TimeSpan> Wake { get; } = wake;

        public void Dispose() => owner._subscriptions.TryRemove(this, out _);
    }
}
