using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>Represents a look for ready partitions.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="From">The time in milliseconds from which to look, or <see cref="long.MinValue"/> for the whole index.</param>
/// <param name="IsFull">Whether the look scans the whole index and claims.</param>
/// <param name="Began">The timestamp at which it began.</param>
/// <param name="Known">The bound known when it began.</param>
/// <param name="Took">The duration.</param>
internal sealed record ReadyLook(string Topic, long From, bool IsFull, long Began, ReadyBounds.Bound? Known, TimeSpan Took = default)
{
    /// <summary>Gets the time from which to look for the next ready partition: a slow full look is not repeated.</summary>
    public long NextFrom(QueueClock clock, IReadOnlyList<PartitionRow> ready) =>
        IsFull && Took >= ReadyBounds.Slow ? ready.Select(static row => row.ReadyAt).Append(clock.Floor - ReadyBounds.Margin).Min() : From;
}
