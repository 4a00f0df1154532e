using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;
using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Where the partitions lie that a transaction has locked: there, until it writes them.</summary>
/// <param name="places">Remembers where they lie then, for the next transaction.</param>
internal sealed class PostgreSqlLocked(PostgreSqlPlaces places)
{
    private const int PlaceColumn = 7;

    private readonly Dictionary<PartitionRow, NpgsqlTid> _locked = [];

    /// <summary>Reads a partition.</summary>
    public PartitionRow Read(NpgsqlDataReader reader)
    {
        var row = QueueRows.ReadPartition(reader);
        _locked[row] = reader.GetFieldValue<NpgsqlTid>(PlaceColumn);
        return row;
    }

    public NpgsqlTid PlaceOf(PartitionRow row) => _locked[row];

    /// <summary>Reads where a partition lies that was written, and whether it is leased.</summary>
    public void Moved(NpgsqlDataReader reader)
    {
        if (reader.GetBoolean(3))
        {
            places.Add(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<NpgsqlTid>(2));
        }
    }

    /// <summary>Finds where partitions lie, as far as that is known.</summary>
    public Dictionary<string, NpgsqlTid> Find(string topic, IReadOnlyList<string> keys)
    {
        Dictionary<string, NpgsqlTid> found = new(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (places.Find(topic, key) is { } place)
            {
                found.Add(key, place);
            }
        }

        return found;
    }
}
