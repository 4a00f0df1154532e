using System.Collections.Concurrent;

namespace BuildRunner.Relational;

/// <summary>Remembers, per topic, the time before which no partition is ready, so that a claim can skip the start of the index.</summary>
/// <remarks>While another transaction stays open, the index keeps all old entries of the partitions. Each look scans it in full until that
/// gets slow. From then on most looks begin at the remembered time, and at least one per second scans in full: it finds partitions that
/// other processes wrote with an earlier time, committed late or had locked. Safe for use by several threads.</remarks>
internal sealed class ReadyBounds(TimeProvider timeProvider)
{
    /// <summary>The milliseconds between the start of a look and the clock of the last: commits come after clock readings.</summary>
    public const long Margin = 250;

    /// <summary>The duration from which a full look is slow.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    // Full looks may take a twentieth of the time.
    private const int Share = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Bound> _bounds = new(StringComparer.Ordinal);

    /// <summary>Begins a look, with or without a claim.</summary>
    public ReadyLook Begin(string topic, bool claims)
    {
        var now = timeProvider.GetTimestamp();
        var bound = _bounds.GetValueOrDefault(topic);
        var isFull = bound is null || (claims && now >= bound.Until);
        return new(topic, isFull ? long.MinValue : bound!.From, claims && isFull, now, bound);
    }

    /// <summary>Records the duration of a look.</summary>
    public ReadyLook End(ReadyLook look) => look with { Took = timeProvider.GetElapsedTime(look.Began) };

    /// <summary>Records the result of a look once its transaction is committed.</summary>
    /// <returns>When to look next: by the time of the next full look, because this one may have skipped something.</returns>
    public NextDue Commit(ReadyLook look, QueueChanges changes, NextDue next, QueueClock clock)
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
            // If another look was recorded meanwhile, the next look is full.
            var moved = new Bound(FromOf(look, first, bound), bound.Until);
            _ = _bounds.TryUpdate(look.Topic, moved, bound) || _bounds.TryRemove(look.Topic, out _);
        }

        if (!_bounds.TryGetValue(look.Topic, out var known))
        {
            return next;
        }

        var wait = (known.Until - timeProvider.GetTimestamp()) * 1000.0 / timeProvider.TimestampFrequency;
        var full = clock.Floor + Math.Max(1, (long)Math.Ceiling(wait));
        return next with { Ordinary = Math.Min(next.Ordinary ?? long.MaxValue, full) };
    }

    // It may not have seen concurrent commits.
    private static long FromOf(ReadyLook look, long first, Bound bound) =>
        ReferenceEquals(bound, look.Known) ? first : Math.Min(first, bound.From);

    /// <summary>Represents a time before which nothing is ready, and the timestamp until which it holds.</summary>
    internal sealed record Bound(long From, long Until);
}

/// <summary>Represents a look for ready partitions from a time in milliseconds on; a full look scans the whole index and claims.</summary>
internal sealed record ReadyLook(string Topic, long From, bool IsFull, long Began, ReadyBounds.Bound? Known, TimeSpan Took = default)
{
    /// <summary>Gets the time from which to look for the next ready partition: a slow full look is not repeated.</summary>
    public long NextFrom(QueueClock clock, IReadOnlyList<PartitionRow> ready) =>
        IsFull && Took >= ReadyBounds.Slow ? ready.Select(static row => row.ReadyAt).Append(clock.Floor - ReadyBounds.Margin).Min() : From;
}
