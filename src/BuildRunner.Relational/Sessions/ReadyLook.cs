using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>A look for what is ready.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="From">The time in milliseconds from which to look, or <see cref="long.MinValue"/> to go through all of the index.</param>
/// <param name="IsFull">Whether it goes through all of the index, and claims.</param>
/// <param name="Began">When it began, as a timestamp.</param>
/// <param name="Known">What was known when it began.</param>
/// <param name="Took">How long it took.</param>
internal sealed record ReadyLook(string Topic, long From, bool IsFull, long Began, ReadyBounds.Bound? Known, TimeSpan Took = default)
{
    /// <summary>Gets the time from which to look for what is ready next: a slow look through all of the index is not repeated.</summary>
    public long NextFrom(QueueClock clock, IReadOnlyList<PartitionRow> ready) =>
        IsFull && Took >= ReadyBounds.Slow ? ready.Select(static row => row.ReadyAt).Append(clock.Floor - ReadyBounds.Margin).Min() : From;
}
