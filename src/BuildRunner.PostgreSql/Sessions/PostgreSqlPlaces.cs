using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

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
