using System.Collections.Concurrent;

namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents those in this process who want to know when a topic may have got something to claim.
/// </summary>
/// <remarks>Safe for use by several threads.</remarks>
internal sealed class WakeSignals
{
    private readonly ConcurrentDictionary<Subscription, string> _subscriptions = new();

    /// <summary>
    /// Has a method called when a topic is woken.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="wake">The method, called with the time after which there is something.</param>
    /// <returns>What ends the subscription when disposed of.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="wake"/> is <see langword="null"/>.</exception>
    public IDisposable Subscribe(string topic, Action<TimeSpan> wake)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(wake);
        Subscription subscription = new(this, wake);
        _subscriptions[subscription] = topic;
        return subscription;
    }

    /// <summary>
    /// Wakes those who wait for a topic.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="after">After which time there is something.</param>
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

    /// <summary>
    /// Wakes everybody, for whoever has missed what happened.
    /// </summary>
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
