using System.Collections.Concurrent;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>Remembers, per topic, the time before which no partition is ready, so that a claim need not begin where the index does.</summary>
/// <remarks>
/// <para>
/// While somebody leaves a transaction open, the index keeps all that the partitions have ever been. Each look goes through all of it until that gets slow. From then on
/// most looks begin at the remembered time, and one in a second at least goes through all of it again: it finds what others have written with an earlier time, or committed late.
/// </para>
/// <para>
/// Safe for use by several threads.
/// </para>
/// </remarks>
internal sealed class ReadyBounds(TimeProvider timeProvider)
{
    /// <summary>How many milliseconds before the clock of the last look the next one begins: a transaction commits some time after it has read the clock.</summary>
    public const long Margin = 250;

    /// <summary>How long a look through all of the index takes that is slow.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    // Looks through all of the index take a twentieth of the time.
    private const int Share = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Bound> _bounds = new(StringComparer.Ordinal);

    /// <summary>Begins a look, which claims what is ready or only asks for it.</summary>
    public ReadyLook Begin(string topic, bool claims)
    {
        var now = timeProvider.GetTimestamp();
        var bound = _bounds.GetValueOrDefault(topic);
        var isFull = bound is null || (claims && now >= bound.Until);
        return new(topic, isFull ? long.MinValue : bound!.From, claims && isFull, now, bound);
    }

    /// <summary>Takes note of how long a look took.</summary>
    public ReadyLook End(ReadyLook look) => look with { Took = timeProvider.GetElapsedTime(look.Began) };

    /// <summary>Takes note of what the transaction of a look has left, once it is committed.</summary>
    public void Commit(ReadyLook look, QueueChanges changes, NextDue next, QueueClock clock)
    {
        var written = changes.Partitions.Where(item => item.Topic == look.Topic).Select(static item => item.Partition.ReadyAt);
        var first = written.Append(next.Ordinary ?? long.MaxValue).Append(clock.Floor - Margin).Min();
        if (look.IsFull && look.Took < Slow)
        {
            _bounds.TryRemove(look.Topic, out _);
        }
        else if (look.IsFull)
        {
            var trust = Share * look.Took < Longest ? Share * look.Took : Longest;
            var until = timeProvider.GetTimestamp() + (long)(trust.TotalSeconds * timeProvider.TimestampFrequency);
            _bounds.AddOrUpdate(look.Topic, _ => new Bound(first, until), (_, bound) => new Bound(FromOf(look, first, bound), until));
        }
        else if (_bounds.TryGetValue(look.Topic, out var bound))
        {
            // Where another has taken note meanwhile, the next look goes through all of it.
            var moved = new Bound(FromOf(look, first, bound), bound.Until);
            _ = _bounds.TryUpdate(look.Topic, moved, bound) || _bounds.TryRemove(look.Topic, out _);
        }
    }

    // What was committed beside it, it may not have seen.
    private static long FromOf(ReadyLook look, long first, Bound bound) => ReferenceEquals(bound, look.Known) ? first : Math.Min(first, bound.From);

    /// <summary>A time before which nothing is ready, and until when that is relied on.</summary>
    internal sealed class Bound(long from, long until)
    {
        public long From { get; } = from;

        public long Until { get; } = until;
    }
}
