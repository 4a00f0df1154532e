using System.Collections.Concurrent;

namespace BuildRunner.Queue.Sessions;

/// <summary>Wakes subscribers in this process when a topic may have something to claim. Safe for use by several threads.</summary>
internal sealed class WakeSignals
{
    private readonly ConcurrentDictionary<string, Subscription[]> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Calls a method at each wake of a topic, with the time until it has something. Dispose the result to unsubscribe.</summary>
    public IDisposable Subscribe(string topic, Action<TimeSpan> wake)
    {
        Subscription subscription = new(this, topic, wake);
        _subscriptions.AddOrUpdate(topic, [subscription], (_, others) => [.. others, subscription]);
        return subscription;
    }

    public void Wake(string topic, TimeSpan after)
    {
        if (_subscriptions.TryGetValue(topic, out var subscriptions))
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Wake(after);
            }
        }
    }

    /// <summary>Wakes all subscribers, in case they missed something.</summary>
    public void WakeAll()
    {
        foreach (var (topic, _) in _subscriptions)
        {
            Wake(topic, TimeSpan.Zero);
        }
    }

    private sealed class Subscription(WakeSignals owner, string topic, Action<TimeSpan> wake) : IDisposable
    {
        public Action<TimeSpan> Wake { get; } = wake;

        // A program has few topics, so one without subscribers may stay.
        public void Dispose() => owner._subscriptions.AddOrUpdate(
            topic, [], (_, all) => Array.FindAll(all, subscription => subscription != this));
    }
}
