using System.Collections.Concurrent;

namespace BuildRunner.Relational;

/// <summary>
/// Remembers for each topic before which time no partition is ready, so that a claim does not begin where the index does: while somebody leaves a transaction open, all that the partitions have ever been stays in it.
/// </summary>
/// <param name="timeProvider">Measures how long a look at all takes.</param>
/// <remarks>
/// <para>
/// Nothing depends on it but the cost of a look. What is written by others with an earlier time, or committed late, is found by a look at all. Each look is one until they get slow; then there is one each second at least.
/// </para>
/// <para>
/// Safe for use by several threads.
/// </para>
/// </remarks>
internal sealed class ReadyBounds(TimeProvider timeProvider)
{
    /// <summary>
    /// How many milliseconds before the clock of the last look the next one begins at the latest: a transaction is committed some time after it has read the clock.
    /// </summary>
    public const long Margin = 250;

    /// <summary>
    /// From when on a look at all is a slow one.
    /// </summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    // All looks at all take a twentieth of the time.
    private const int Share = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Bound> _bounds = new(StringComparer.Ordinal);

    /// <summary>
    /// Begins a look.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="claims">Whether what is ready is claimed, and not only asked for.</param>
    /// <returns>The look.</returns>
    public ReadyLook Begin(string topic, bool claims)
    {
        var now = timeProvider.GetTimestamp();
        var bound = _bounds.GetValueOrDefault(topic);
        var isAtAll = bound is null || (claims && now >= bound.Until);
        return new(topic, isAtAll ? long.MinValue : bound!.From, claims && isAtAll, now, bound);
    }

    /// <summary>
    /// Takes note of how long a look took.
    /// </summary>
    /// <param name="look">The look.</param>
    /// <returns>The look.</returns>
    public ReadyLook End(ReadyLook look) => look with { Took = timeProvider.GetElapsedTime(look.Began) };

    /// <summary>
    /// Takes note of what a transaction that is committed has left.
    /// </summary>
    /// <param name="look">The look of the transaction.</param>
    /// <param name="changes">What it has written.</param>
    /// <param name="next">What is ready next, from where it has looked.</param>
    /// <param name="clock">The clock.</param>
    public void Commit(ReadyLook look, QueueChanges changes, NextDue next, QueueClock clock)
    {
        var first = changes.Partitions.Where(item => item.Topic == look.Topic).Select(static item => item.Partition.ReadyAt).Append(next.Ordinary ?? long.MaxValue).Append(clock.Floor - Margin).Min();
        if (look.IsAtAll && look.Took < Slow)
        {
            _bounds.TryRemove(look.Topic, out _);
        }
        else if (look.IsAtAll)
        {
            var until = timeProvider.GetTimestamp() + (long)(Min(Share * look.Took, Longest).TotalSeconds * timeProvider.TimestampFrequency);
            _bounds.AddOrUpdate(look.Topic, _ => new Bound(first, until), (_, bound) => new Bound(FromOf(look, first, bound), until));
        }
        else if (_bounds.TryGetValue(look.Topic, out var bound))
        {
            // Where another has taken note meanwhile, the next look is one at all.
            _ = _bounds.TryUpdate(look.Topic, new Bound(FromOf(look, first, bound), bound.Until), bound) || _bounds.TryRemove(look.Topic, out _);
        }
    }

    // What was committed beside it, it may not have seen.
    private static long FromOf(ReadyLook look, long first, Bound bound) => ReferenceEquals(bound, look.Known) ? first : Math.Min(first, bound.From);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A time before which nothing is ready, and until when that is relied on.</summary>
    internal sealed class Bound(long from, long until)
    {
        public long From { get; } = from;

        public long Until { get; } = until;
    }
}
