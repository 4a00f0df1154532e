namespace BuildRunner.Relational;

/// <summary>
/// Represents the answer to a <see cref="MessageQuery"/>. A message that is asked for in two ways is in the answer to each.
/// </summary>
internal sealed record MessageResult
{
    /// <summary>
    /// Gets the answer to <see cref="MessageQuery.Sequences"/> and <see cref="MessageQuery.SequencesWithContent"/>, in any order.
    /// </summary>
    public required IReadOnlyList<MessageRow> BySequence { get; init; }

    /// <summary>
    /// Gets the answer to <see cref="MessageQuery.Firsts"/> and <see cref="MessageQuery.FirstsWithContent"/>, in any order; nothing for a partition that has none.
    /// </summary>
    public required IReadOnlyList<MessageRow> Firsts { get; init; }

    /// <summary>
    /// Gets the answer to <see cref="MessageQuery.Keys"/>, in any order; nothing for an identity that there is not.
    /// </summary>
    public required IReadOnlyList<MessageRow> ByKey { get; init; }
}
