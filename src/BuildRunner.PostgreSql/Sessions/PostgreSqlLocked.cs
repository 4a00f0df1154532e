using System.Data.Common;
using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Remembers where the rows of locked partitions lie until the transaction writes them.</summary>
/// <param name="places">Remembers where they lie after that, for the next transaction.</param>
internal sealed class PostgreSqlLocked(PostgreSqlPlaces places)
{
    private const int PlaceColumn = 7;

    private readonly Dictionary<PartitionRow, NpgsqlTid> _locked = [];

    /// <summary>Reads a partition.</summary>
    public PartitionRow Read(DbDataReader reader)
    {
        var row = QueueRows.ReadPartition(reader);
        _locked[row] = reader.GetFieldValue<NpgsqlTid>(PlaceColumn);
        return row;
    }

    public NpgsqlTid PlaceOf(PartitionRow row) => _locked[row];

    /// <summary>Reads where a written partition lies, and remembers it if it is leased.</summary>
    public void Moved(DbDataReader reader)
    {
        if (reader.GetBoolean(3))
        {
            places.Add(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<NpgsqlTid>(2));
        }
    }

    /// <summary>Finds the known places of partitions.</summary>
    public Dictionary<string, NpgsqlTid> Find(string topic, IReadOnlyList<string> keys) =>
        keys.Select(key => (Key: key, Place: places.Find(topic, key))).Where(static item => item.Place is not null)
            .ToDictionary(static item => item.Key, static item => item.Place!.Value, StringComparer.Ordinal);
}

/// <summary>Remembers where the rows of leased partitions lie, as far as there is room.</summary>
/// <remarks>A look-up by place needs no index, which keeps every old version of a row while any transaction stays open.</remarks>
internal sealed class PostgreSqlPlaces
{
    private const int Bits = 14;

    // Part of the hash, block and place in the block; 0 is empty. A displaced row is looked up in the index.
    private readonly long[] _places = new long[1 << Bits];

    public void Add(string topic, string key, NpgsqlTid place)
    {
        var hash = HashCode.Combine(topic, key);
        Volatile.Write(ref _places[IndexOf(hash)], Tag(hash) | ((long)place.BlockNumber << 16) | place.OffsetNumber);
    }

    public NpgsqlTid? Find(string topic, string key)
    {
        var hash = HashCode.Combine(topic, key);
        var place = Volatile.Read(ref _places[IndexOf(hash)]);
        return place != 0 && (place ^ Tag(hash)) >>> 48 == 0 ? new NpgsqlTid((uint)(place >> 16), (ushort)place) : null;
    }

    private static int IndexOf(int hash) => hash & ((1 << Bits) - 1);

    private static long Tag(int hash) => (long)(hash >>> Bits) << 48;
}
