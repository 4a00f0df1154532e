using NpgsqlTypes;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Creates parameters with explicit types.</summary>
internal static class PostgreSqlParameter
{
    public static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = TypeOf<T>() };

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

    public static NpgsqlParameter Array<T, TValue>(IEnumerable<T> rows, Func<T, TValue> value) =>
        new NpgsqlParameter<TValue[]> { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | TypeOf<TValue>() };

    public static NpgsqlParameter Array<TValue>(IEnumerable<TValue> values) => Array(values, static value => value);

    private static NpgsqlDbType TypeOf<TValue>() =>
        typeof(TValue) == typeof(string) ? NpgsqlDbType.Text
        : typeof(TValue) == typeof(byte[]) ? NpgsqlDbType.Bytea
        : typeof(TValue) == typeof(bool) ? NpgsqlDbType.Boolean
        : typeof(TValue) == typeof(long) || typeof(TValue) == typeof(long?) ? NpgsqlDbType.Bigint
        : NpgsqlDbType.Integer;
}
