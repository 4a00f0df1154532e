using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>Where the tables are. Every statement passes here and gets the name of the schema before those of the tables, so that none can
/// go by the search path of a connection, which may be a caller's.</summary>
/// <param name="schema">The name of the schema, or <see langword="null"/> for the first one of the search path.</param>
internal sealed partial class PostgreSqlTables(string? schema)
{
    // What the server cuts a name off at.
    private const int MaxSchemaBytes = 63;

    private readonly ConcurrentDictionary<string, string> _statements = new(StringComparer.Ordinal);

    /// <summary>Gets the name of the schema as a statement has it, or an expression for the name of the first one of the search
    /// path.</summary>
    public string SchemaLiteral { get; } = schema is null ? "current_schema()" : $"'{schema}'";

    /// <summary>Gets the statement that creates the schema, or <see langword="null"/> where there is nothing to create. To create one that
    /// is there already takes a right that the user may not have.</summary>
    public string? CreateSchema { get; } = schema is null
        ? null
        : $"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{schema}') "
            + $"THEN CREATE SCHEMA \"{schema}\"; END IF; END $$";

    /// <summary>Gets why a schema cannot have a name, or <see langword="null"/> if it can. The characters that it may have mean nothing in
    /// quotes of either kind.</summary>
    public static string? Refuse(string schema) => FitName().IsMatch(schema) && Encoding.UTF8.GetByteCount(schema) <= MaxSchemaBytes
        ? null
        : $"is '{schema}'; it must be 1 to {MaxSchemaBytes} bytes of letters, digits, underscores and hyphens.";

    public string Qualify(string statement) => schema is null ? statement : _statements.GetOrAdd(statement, Qualified, schema);

    private static string Qualified(string statement, string schema) =>
        TableName().Replace(statement, match => $"\"{schema}\".{match.Value}");

    [GeneratedRegex(@"\A[\p{L}\p{Nd}_-]+\z")]
    private static partial Regex FitName();

    // What is locked is named as the statement has it, without its schema.
    [GeneratedRegex(@"(?<!\bOF )\bqueue_(?:messages|partitions|builds|schema)\b")]
    private static partial Regex TableName();
}
