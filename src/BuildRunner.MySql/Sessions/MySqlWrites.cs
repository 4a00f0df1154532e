using System.Globalization;
using System.Text;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;

namespace BuildRunner.MySql.Sessions;

/// <summary>The statements that write. The index is said: a table of a few rows would be read from end to end, and what others have locked in it waited for.</summary>
internal static class MySqlWrites
{
    private const int LongestList = 500;

    // A server takes 16 MB at once by default, and a byte may be written as two.
    private const int LargestInsert = 4 * 1024 * 1024;

    /// <summary>Splits rows into what is sent at once.</summary>
    public static IEnumerable<List<MySqlInsert>> Parts(IEnumerable<MessageInsert> inserts)
    {
        List<MySqlInsert> part = [];
        var size = 0;
        foreach (var insert in inserts)
        {
            MySqlInsert row = new(insert, HeadersJson.Write(insert.Message.Headers));
            if (part.Count == LongestList || (part.Count > 0 && size + row.Size > LargestInsert))
            {
                yield return part;
                part = [];
                size = 0;
            }

            part.Add(row);
            size += row.Size;
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    /// <summary>Adds the statements for all but the inserts.</summary>
    /// <param name="batch">The statements.</param>
    /// <param name="changes">What to write.</param>
    /// <param name="isJoined">Whether the session is a caller's, which may refuse an update that finds its rows by a join (<c>sql_safe_updates</c>).</param>
    public static void Add(this MySqlBatchText batch, QueueChanges changes, bool isJoined)
    {
        batch.AddDelete(changes.Replaced);
        foreach (var copy in changes.Copies)
        {
            batch.AddCopy(copy);
        }

        if (isJoined)
        {
            changes.Updates.ForEach(batch.AddUpdate);
        }
        else
        {
            foreach (var chunk in changes.Updates.Chunk(LongestList))
            {
                batch.AddUpdate(chunk);
            }
        }

        batch.AddDelete(changes.Deletes);
        foreach (var chunk in changes.Partitions.Chunk(LongestList))
        {
            batch.Add("INSERT INTO queue_partitions (topic, partition_key, ready_at, current_seq, lease_token, quarantined) VALUES ")
                .Each(chunk, ", ", row => batch.Add("(").Values(row.Topic, row.Partition.Key, row.Partition.ReadyAt, row.Partition.CurrentSequence, row.Partition.LeaseToken, row.Partition.IsQuarantined).Add(")"))
                .Add(" ON DUPLICATE KEY UPDATE ready_at = VALUES(ready_at), current_seq = VALUES(current_seq), lease_token = VALUES(lease_token), quarantined = VALUES(quarantined)").End();
        }

        foreach (var topic in changes.EmptyPartitions.GroupBy(static item => item.Topic, static item => item.Key, StringComparer.Ordinal))
        {
            foreach (var chunk in topic.Chunk(LongestList))
            {
                batch.Add("DELETE p FROM queue_partitions p FORCE INDEX (PRIMARY) WHERE p.topic = ").Value(topic.Key).Add(" AND p.partition_key IN (").Each(chunk, ", ", key => batch.Value(key)).Add(")").End();
            }
        }
    }

    /// <summary>Adds the statement for messages of one part.</summary>
    public static void AddInsert(this MySqlBatchText batch, List<MySqlInsert> part) =>
        batch.Add("INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) VALUES ")
            .Each(part, ", ", row => batch.Add("(").Values(row.Row.Topic, row.Row.Message.PartitionKey, row.Row.Message.Id, row.Row.Message.Payload, row.Headers, row.Row.VisibleAfter, row.Row.PublishedAt).Add(")")).End();

    private static void AddDelete(this MySqlBatchText batch, List<long> sequences)
    {
        foreach (var chunk in sequences.Chunk(LongestList))
        {
            batch.Add("DELETE m FROM queue_messages m FORCE INDEX (PRIMARY) WHERE m.seq IN (").Each(chunk, ", ", sequence => batch.Value(sequence)).Add(")").End();
        }
    }

    private static void AddCopy(this MySqlBatchText batch, MessageCopy row) =>
        batch.Add("INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, failure_reason, failure_type, failure_attempts, failure_topic) SELECT ").Value(row.Topic)
            .Add(", partition_key, id, payload, headers, ").Values(row.VisibleAfter, row.PublishedAt, row.Cause?.Failure.Reason, row.Cause?.Failure.Type, row.Cause?.Attempts, row.Cause?.Topic)
            .Add(" FROM queue_messages WHERE seq = ").Value(row.Sequence).End();

    private static void AddUpdate(this MySqlBatchText batch, MessageRow row) =>
        batch.Add("UPDATE queue_messages SET visible_after = ").Value(row.VisibleAfter).Add(", wake_at = ").Value(row.WakeAt).Add(", backing_off = ").Value(row.IsBackingOff)
            .Add(", failures = ").Value(row.Failures).Add(", deliveries = ").Value(row.Deliveries).Add(", quarantined = ").Value(row.IsQuarantined).Add(", unsettled = ").Value(row.IsUnsettled)
            .Add(", published_at = ").Value(row.PublishedAt).Add(" WHERE seq = ").Value(row.Sequence).End();

    // Numbers alone are in the JSON, so that nothing has to be escaped for it.
    private static void AddUpdate(this MySqlBatchText batch, MessageRow[] rows) =>
        batch.Add("UPDATE JSON_TABLE(").Value(Json(rows))
            .Add(", '$[*]' COLUMNS (seq BIGINT PATH '$[0]', visible_after BIGINT PATH '$[1]', wake_at BIGINT PATH '$[2]', backing_off TINYINT PATH '$[3]', failures INTEGER PATH '$[4]', deliveries INTEGER PATH '$[5]', quarantined TINYINT PATH '$[6]', unsettled TINYINT PATH '$[7]', published_at BIGINT PATH '$[8]')) u ")
            .Add("STRAIGHT_JOIN queue_messages m FORCE INDEX (PRIMARY) ON m.seq = u.seq SET m.visible_after = u.visible_after, m.wake_at = u.wake_at, m.backing_off = u.backing_off, m.failures = u.failures, m.deliveries = u.deliveries, m.quarantined = u.quarantined, m.unsettled = u.unsettled, m.published_at = u.published_at").End();

    private static string Json(MessageRow[] rows)
    {
        StringBuilder json = new("[");
        foreach (var row in rows)
        {
            json.Append(json.Length == 1 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $"[{row.Sequence},{row.VisibleAfter},{row.WakeAt?.ToString(CultureInfo.InvariantCulture) ?? "null"},{(row.IsBackingOff ? 1 : 0)},{row.Failures},{row.Deliveries},{(row.IsQuarantined ? 1 : 0)},{(row.IsUnsettled ? 1 : 0)},{row.PublishedAt}]");
        }

        return json.Append(']').ToString();
    }
}
