using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>Qualifies table names with the schema, unless it is the first of the search path, in every statement, so that none depends on
/// the search path of a caller's connection.</summary>
internal sealed partial class PostgreSqlTables(string? schema)
{
    // The server truncates longer names.
    private const int MaxSchemaBytes = 63;

    private readonly ConcurrentDictionary<string, string> _statements = new(StringComparer.Ordinal);

    /// <summary>Gets the schema as an SQL expression.</summary>
    public string SchemaLiteral { get; } = schema is null ? "current_schema()" : $"'{schema}'";

    /// <summary>Gets the statement that creates the schema, or <see langword="null"/> if none is needed. IF NOT EXISTS would need the right
    /// to create even for a schema that exists.</summary>
    public string? CreateSchema { get; } = schema is null
        ? null
        : $"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{schema}') "
            + $"THEN CREATE SCHEMA \"{schema}\"; END IF; END $$";

    /// <summary>Gets the reason why a name is not valid, or <see langword="null"/> if it is. Valid characters need no escape in either kind
    /// of quotes.</summary>
    public static string? Refuse(string schema) => FitName().IsMatch(schema) && Encoding.UTF8.GetByteCount(schema) <= MaxSchemaBytes
        ? null
        : $"is '{schema}'; it must be 1 to {MaxSchemaBytes} bytes of letters, digits, underscores and hyphens.";

    public string Qualify(string statement) => schema is null ? statement : _statements.GetOrAdd(statement, Qualified, schema);

    private static string Qualified(string statement, string schema) =>
        TableName().Replace(statement, match => $"\"{schema}\".{match.Value}");

    [GeneratedRegex(@"\A[\p{L}\p{Nd}_-]+\z")]
    private static partial Regex FitName();

    // What is locked is named as the statement has it, without its schema.
    [GeneratedRegex(@"(?<!\bOF )\bqueue_(?:messages|partitions|builds|build_documents|schema)\b")]
    private static partial Regex TableName();
}
