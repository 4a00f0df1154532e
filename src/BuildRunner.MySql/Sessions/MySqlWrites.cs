using System.Globalization;
using System.Text;

namespace BuildRunner.MySql.Sessions;

/// <summary>Adds the statements that write. They force an index: the server would read a small table from end to end, and wait for the
/// locks of others.</summary>
internal static class MySqlWrites
{
    private const int FewestAlike = 16;

    public static void Add(MySqlQueueBatch batch, QueueChanges changes)
    {
        batch.AddDelete(changes.Replaced);
        foreach (var copy in changes.Copies)
        {
            batch.AddCopy(copy);
        }

        if (batch.IsJoined)
        {
            // The sql_safe_updates of a caller's session may refuse an update by a join.
            changes.Updates.ForEach(batch.AddUpdate);
        }
        else
        {
            foreach (var chunk in changes.Updates.Chunk(MySqlQueueBatch.LongestList))
            {
                batch.AddUpdate(chunk);
            }
        }

        batch.AddDelete(changes.Deletes);
        foreach (var chunk in batch.AddAlike(changes.Partitions).Chunk(MySqlQueueBatch.LongestList))
        {
            batch.Add($"INSERT INTO queue_partitions (topic, {QueueRows.Partition}) VALUES ")
                .Each(chunk, ", ", item => batch.Add("(").Values(item.Topic, item.Partition.Key, item.Partition.ReadyAt)
                    .Add(", ").Values(item.Partition.CurrentSequence, item.Partition.LeaseToken, item.Partition.IsQuarantined)
                    .Add(", ").Values(item.Partition.PostponedTo, item.Partition.Postpones).Add(")"))
                .Add(" ON DUPLICATE KEY UPDATE ready_at = VALUES(ready_at), current_seq = VALUES(current_seq), ")
                .Add("lease_token = VALUES(lease_token), quarantined = VALUES(quarantined), postponed_to = VALUES(postponed_to), ")
                .Add("postpones = VALUES(postpones)").End();
        }

        foreach (var topic in changes.EmptyPartitions.GroupBy(static item => item.Topic, static item => item.Key, StringComparer.Ordinal))
        {
            foreach (var chunk in topic.Chunk(MySqlQueueBatch.LongestList))
            {
                batch.Add("DELETE p FROM queue_partitions p FORCE INDEX (PRIMARY) WHERE p.topic = ").Value(topic.Key)
                    .Add(" AND p.partition_key IN (").Each(chunk, ", ", key => batch.Value(key)).Add(")").End();
            }
        }

        batch.AddInserts(changes.Inserts);
    }

    // Those of many messages that are published together are mostly alike. Their keys are a tenth of what all of their values are, and
    // the server does not try to insert them first. The sql_safe_updates of a caller's session may refuse it.
    private static IEnumerable<(string Topic, PartitionRow Partition)> AddAlike(
        this MySqlQueueBatch batch, List<(string Topic, PartitionRow Partition)> partitions)
    {
        if (partitions.Count < FewestAlike || batch.IsJoined)
        {
            return partitions;
        }

        var groups = partitions.ToLookup(static item => (
            item.Topic,
            item.Partition.ReadyAt,
            item.Partition.CurrentSequence,
            item.Partition.LeaseToken,
            item.Partition.IsQuarantined,
            item.Partition.PostponedTo,
            item.Partition.Postpones));
        foreach (var group in groups.Where(static group => group.Count() >= FewestAlike))
        {
            var row = group.First().Partition;
            foreach (var chunk in group.Chunk(MySqlQueueBatch.LongestList))
            {
                batch.Add("UPDATE queue_partitions FORCE INDEX (PRIMARY) SET ready_at = ").Value(row.ReadyAt)
                    .Add(", current_seq = ").Value(row.CurrentSequence).Add(", lease_token = ").Value(row.LeaseToken)
                    .Add(", quarantined = ").Value(row.IsQuarantined).Add(", postponed_to = ").Value(row.PostponedTo)
                    .Add(", postpones = ").Value(row.Postpones).Add(" WHERE topic = ").Value(group.Key.Topic)
                    .Add(" AND partition_key IN (").Each(chunk, ", ", item => batch.Value(item.Partition.Key)).Add(")").End();
            }
        }

        return groups.Where(static group => group.Count() < FewestAlike).SelectMany(static group => group);
    }

    private static void AddInserts(this MySqlQueueBatch batch, List<MessageInsert> rows)
    {
        for (var (i, count) = (0, 0); i < rows.Count; i++)
        {
            var (topic, message, visibleAfter, publishedAt) = rows[i];
            const string Columns = "topic, partition_key, id, payload, headers, visible_after, published_at";
            batch.Add(count == 0 ? $"INSERT INTO queue_messages ({Columns}) VALUES (" : ", (")
                .Values(topic, message.PartitionKey, message.Id, message.Payload)
                .Add(", ").Values(HeadersJson.Write(message.Headers), visibleAfter, publishedAt).Add(")");
            count++;
            if (i == rows.Count - 1 || count == MySqlQueueBatch.LongestList || batch.IsLarge)
            {
                batch.End();
                count = 0;
            }
        }
    }

    private static void AddDelete(this MySqlQueueBatch batch, List<long> sequences)
    {
        foreach (var chunk in sequences.Chunk(MySqlQueueBatch.LongestList))
        {
            batch.Add("DELETE m FROM queue_messages m FORCE INDEX (PRIMARY) WHERE m.seq IN (")
                .Each(chunk, ", ", sequence => batch.Value(sequence)).Add(")").End();
        }
    }

    private static void AddCopy(this MySqlQueueBatch batch, MessageCopy row) =>
        batch.Add("INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, ")
            .Add("failure_reason, failure_type, failure_attempts, failure_topic) SELECT ").Value(row.Topic)
            .Add(", partition_key, id, payload, headers, ").Values(row.VisibleAfter, row.PublishedAt)
            .Add(", ").Values(row.Cause?.Failure.Reason, row.Cause?.Failure.Type, row.Cause?.Attempts, row.Cause?.Topic)
            .Add(" FROM queue_messages WHERE seq = ").Value(row.Sequence).End();

    private static void AddUpdate(this MySqlQueueBatch batch, MessageRow row) =>
        batch.Add("UPDATE queue_messages SET visible_after = ").Value(row.VisibleAfter).Add(", wake_at = ").Value(row.WakeAt)
            .Add(", backing_off = ").Value(row.IsBackingOff).Add(", failures = ").Value(row.Failures)
            .Add(", deliveries = ").Value(row.Deliveries).Add(", quarantined = ").Value(row.IsQuarantined)
            .Add(", unsettled = ").Value(row.IsUnsettled).Add(", published_at = ").Value(row.PublishedAt)
            .Add(" WHERE seq = ").Value(row.Sequence).End();

    // The JSON has only numbers, so nothing is escaped.
    private static void AddUpdate(this MySqlQueueBatch batch, MessageRow[] rows) =>
        batch.Add("UPDATE JSON_TABLE(").Value(Json(rows))
            .Add(", '$[*]' COLUMNS (seq BIGINT PATH '$[0]', visible_after BIGINT PATH '$[1]', wake_at BIGINT PATH '$[2]', ")
            .Add("backing_off TINYINT PATH '$[3]', failures INTEGER PATH '$[4]', deliveries INTEGER PATH '$[5]', ")
            .Add("quarantined TINYINT PATH '$[6]', unsettled TINYINT PATH '$[7]', published_at BIGINT PATH '$[8]')) u ")
            .Add("STRAIGHT_JOIN queue_messages m FORCE INDEX (PRIMARY) ON m.seq = u.seq SET m.visible_after = u.visible_after, ")
            .Add("m.wake_at = u.wake_at, m.backing_off = u.backing_off, m.failures = u.failures, m.deliveries = u.deliveries, ")
            .Add("m.quarantined = u.quarantined, m.unsettled = u.unsettled, m.published_at = u.published_at").End();

    private static string Json(MessageRow[] rows)
    {
        StringBuilder json = new("[");
        foreach (var row in rows)
        {
            var wakeAt = row.WakeAt?.ToString(CultureInfo.InvariantCulture) ?? "null";
            var (isBackingOff, isQuarantined, isUnsettled) = (row.IsBackingOff ? 1 : 0, row.IsQuarantined ? 1 : 0, row.IsUnsettled ? 1 : 0);
            json.Append(json.Length == 1 ? "" : ",")
                .Append(CultureInfo.InvariantCulture, $"[{row.Sequence},{row.VisibleAfter},{wakeAt},{isBackingOff},{row.Failures},")
                .Append(CultureInfo.InvariantCulture, $"{row.Deliveries},{isQuarantined},{isUnsettled},{row.PublishedAt}]");
        }

        return json.Append(']').ToString();
    }
}
