using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using static BuildRunner.PostgreSql.Sessions.PostgreSqlParameter;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Adds the statements that read messages, one for all of a kind.</summary>
internal static class PostgreSqlReads
{
    // Sequences begin at 1.
    private const long NoSequence = -1;

    public static void Add(
        PostgreSqlBatch batch, MessageQuery query, List<MessageRow> bySequence, List<MessageRow> firsts, List<MessageRow> byKey)
    {
        if (query.Sequences.Count > 0)
        {
            batch.Read(PostgreSqlText.BySequence, reader => bySequence.Add(QueueRows.ReadState(reader)), Longs(query.Sequences));
        }

        if (query.SequencesWithContent.Count > 0)
        {
            batch.Read(
                PostgreSqlText.BySequenceWithContent,
                reader => bySequence.Add(QueueRows.ReadContent(reader)),
                Longs(query.SequencesWithContent));
        }

        if (query.Firsts.Count > 0)
        {
            batch.Read(
                PostgreSqlText.FirstState,
                reader => firsts.Add(QueueRows.ReadState(reader)),
                Of(query.Topic),
                Texts(query.Firsts, static first => first.PartitionKey),
                Longs(query.Firsts, static first => first.Without ?? NoSequence));
        }

        if (query.FirstsWithContent.Count > 0)
        {
            batch.Read(
                PostgreSqlText.FirstWithContent,
                reader => firsts.Add(QueueRows.ReadContent(reader)),
                Of(query.Topic),
                Texts(query.FirstsWithContent));
        }

        if (query.Keys.Count > 0)
        {
            AddKeys(batch, PostgreSqlText.ByKey, query.Topic, query.Keys, byKey);
        }
    }

    /// <summary>Reads messages by identity.</summary>
    public static void AddKeys(
        PostgreSqlBatch batch, string statement, string topic, IReadOnlyList<MessageKey> keys, List<MessageRow> rows) =>
        batch.Read(
            statement,
            reader => rows.Add(QueueRows.ReadState(reader)),
            Of(topic),
            Texts(keys, static key => key.PartitionKey),
            Texts(keys, static key => key.Id));

    /// <summary>Reads for a caller, whose REPEATABLE READ still sees messages that have been settled since, and their partition. A
    /// partition
    /// that was just created is empty; the lock fails on others.</summary>
    public static void AddOld(
        PostgreSqlBatch batch, IReadOnlyList<TopicKeys> topics, List<PartitionRow>[] partitions, List<MessageRow>[] messages)
    {
        for (var i = 0; i < topics.Count; i++)
        {
            var rows = partitions[i].Where(static row => row.ReadyAt != PartitionRow.NeverReady);
            var old = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
            if (old.Count > 0)
            {
                MessageKey[] keys = [.. topics[i].Keys.Where(key => old.Contains(key.PartitionKey))];
                AddKeys(batch, PostgreSqlText.ByKeyLocking, topics[i].Topic, keys, messages[i]);
            }
        }
    }
}
