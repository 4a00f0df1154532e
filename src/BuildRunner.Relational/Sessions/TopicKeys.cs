using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Represents what is to be published in one topic.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="Keys">The identities, none of them twice.</param>
internal sealed record TopicKeys(string Topic, IReadOnlyList<MessageKey> Keys)
{
    /// <summary>
    /// Gets the keys of the partitions, none of them twice.
    /// </summary>
    public IEnumerable<string> PartitionKeys => Keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal);
}
