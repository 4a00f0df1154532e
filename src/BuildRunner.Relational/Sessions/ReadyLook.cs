namespace BuildRunner.Relational;

/// <summary>
/// Represents a look for what is ready.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="From">The time in milliseconds from which to look, or <see cref="long.MinValue"/> for a look at all.</param>
/// <param name="IsAtAll">Whether it is one at all that claims.</param>
/// <param name="Began">When it began, as a timestamp.</param>
/// <param name="Known">What was known when it began.</param>
/// <param name="Took">How long it took.</param>
internal sealed record ReadyLook(string Topic, long From, bool IsAtAll, long Began, ReadyBounds.Bound? Known, TimeSpan Took = default)
{
    /// <summary>
    /// Gets the time from which to look for what is ready next.
    /// </summary>
    /// <param name="clock">The clock.</param>
    /// <param name="ready">What was ready and is locked.</param>
    /// <returns>The time in milliseconds. A slow look at all is not repeated.</returns>
    public long NextFrom(QueueClock clock, IReadOnlyList<PartitionRow> ready) =>
        IsAtAll && Took >= ReadyBounds.Slow ? ready.Select(static row => row.ReadyAt).Append(clock.Floor - ReadyBounds.Margin).Min() : From;
}
