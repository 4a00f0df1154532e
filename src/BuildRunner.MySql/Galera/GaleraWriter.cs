using System.Globalization;
using BuildRunner.MySql.Sessions;

namespace BuildRunner.MySql.Galera;

/// <summary>Keeps a queue in a Galera cluster to one node at a time. Nodes do not see each other's locks, and a transaction that has locked
/// a row without changing it does not conflict with one at another node.</summary>
/// <remarks>Table <c>queue_writer</c> names the node in one row, which each transaction locks for reading: a change of it aborts those that
/// run at the node before. Another row says when that node was last used. A node takes over when that was some time ago.</remarks>
internal sealed class GaleraWriter(TimeSpan silence, Func<Task> claim)
{
    /// <summary>How long a node is unused before another one takes over.</summary>
    public static readonly TimeSpan DefaultSilence = TimeSpan.FromSeconds(10);

    public const string AddRows = "INSERT IGNORE INTO queue_writer (part, node, seen_at) VALUES ('owner', '', 0), ('seen', '', 0)";

    private const string Node = "CONCAT(@@wsrep_node_name, ' (', @@hostname, ':', @@port, ')')";
    private const string Now = MySqlQueueBatch.DefaultClock + " DIV 1000";

    // A null, if somebody has deleted the row, is nobody.
    private const string Owner = "COALESCE((SELECT node FROM queue_writer WHERE part = 'owner' LOCK IN SHARE MODE), '')";

    /// <summary>The condition that a node other than this one is written to.</summary>
    public const string IsOther = $"{Owner} <> {Node}";

    /// <summary>The columns that <see cref="Refuse"/> reads.</summary>
    public const string Nodes = $"{Owner}, {Node}";

    private const string Take =
        "INSERT INTO queue_writer (part, node, seen_at) SELECT 'owner', s.node, s.seen_at "
        + "FROM queue_writer s JOIN queue_writer o ON o.part = 'owner' "
        + $"WHERE s.part = 'seen' AND s.node = {Node} AND o.node <> s.node "
        + "ON DUPLICATE KEY UPDATE node = VALUES(node), seen_at = VALUES(seen_at)";

    // Not at each transaction: a fifth of the time is often enough.
    private readonly string _touch =
        $"UPDATE queue_writer SET node = {Node}, seen_at = {Now} WHERE part = 'seen' AND ABS({Now} - seen_at) > IF(node = {Node}, "
        + string.Create(CultureInfo.InvariantCulture, $"{silence.TotalMilliseconds / 5:F0}, {silence.TotalMilliseconds:F0})");

    private int _isClaiming;

    /// <summary>Determines from the settings of a server whether it is a node of a cluster.</summary>
    public static bool IsNode(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault("wsrep_on") is "ON" or "1" && settings.GetValueOrDefault("wsrep_provider", "none") is not ("none" or "");

    /// <summary>Adds statements, before a transaction, that note that this node is used, and take over if no other one is.</summary>
    public void AddClaim(MySqlBatchText batch)
    {
        // With a stricter isolation, the second statement would lock what it only reads.
        batch.Add("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").End();
        batch.Add(_touch).End();
        batch.Add(Take).End();
    }

    /// <summary>Gets the error if a row shows that another node is written to.</summary>
    public OtherWriterException? Refuse(DbDataReader reader, int column)
    {
        var (owner, node) = (reader.GetString(column), reader.GetString(column + 1));
        return owner == node ? null : new(owner, node, silence);
    }

    /// <summary>Has the node take over if no other one is used, soon.</summary>
    public void Claim()
    {
        if (Interlocked.Exchange(ref _isClaiming, 1) == 0)
        {
            _ = ClaimAsync();
        }
    }

    private async Task ClaimAsync()
    {
        try
        {
            await claim().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The next call that is refused tries again.
        }
        finally
        {
            Volatile.Write(ref _isClaiming, 0);
        }
    }
}
