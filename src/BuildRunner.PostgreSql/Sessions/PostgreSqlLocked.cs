using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;
using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Remembers where the rows of locked partitions lie until the transaction writes them.</summary>
/// <param name="places">Remembers where they lie after that, for the next transaction.</param>
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

    /// <summary>Reads where a written partition lies, and remembers it if it is leased.</summary>
    public void Moved(NpgsqlDataReader reader)
    {
        if (reader.GetBoolean(3))
        {
            places.Add(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<NpgsqlTid>(2));
        }
    }

    /// <summary>Finds the known places of partitions.</summary>
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
