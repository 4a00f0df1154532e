using BuildRunner.Relational;
using Npgsql;
using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Creates parameters with explicit types.</summary>
internal static class PostgreSqlParameter
{
    public static NpgsqlParameter Of(string value) => new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Of(int value) => new NpgsqlParameter<int> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Integer };

    public static NpgsqlParameter Of(long value) => new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    /// <summary>Creates the parameters of a statement. The column gives null its type.</summary>
    public static NpgsqlParameter[] Of(SqlStatement statement) =>
    [
        .. statement.Values.Select(static value => value switch
        {
            null => new NpgsqlParameter { Value = DBNull.Value },
            long number => Of(number),
            _ => Of((string)value),
        }),
    ];

    public static NpgsqlParameter Texts<T>(IEnumerable<T> rows, Func<T, string?> value) => Array(rows, value, NpgsqlDbType.Text);

    public static NpgsqlParameter Texts(IEnumerable<string> values) => Texts(values, static value => value);

    public static NpgsqlParameter Bytes<T>(IEnumerable<T> rows, Func<T, byte[]> value) => Array(rows, value, NpgsqlDbType.Bytea);

    public static NpgsqlParameter Longs<T>(IEnumerable<T> rows, Func<T, long> value) => Array(rows, value, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Longs(IEnumerable<long> values) => Longs(values, static value => value);

    public static NpgsqlParameter OptionalLongs<T>(IEnumerable<T> rows, Func<T, long?> value) => Array(rows, value, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Integers<T>(IEnumerable<T> rows, Func<T, int> value) => Array(rows, value, NpgsqlDbType.Integer);

    public static NpgsqlParameter OptionalIntegers<T>(IEnumerable<T> rows, Func<T, int?> value) => Array(rows, value, NpgsqlDbType.Integer);

    public static NpgsqlParameter Booleans<T>(IEnumerable<T> rows, Func<T, bool> value) => Array(rows, value, NpgsqlDbType.Boolean);

    private static NpgsqlParameter<TValue[]> Array<T, TValue>(IEnumerable<T> rows, Func<T, TValue> value, NpgsqlDbType type) =>
        new() { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
