namespace BuildRunner.Relational;

/// <summary>
/// Represents one step of a schema.
/// </summary>
/// <param name="Version">The version that the schema has afterwards: one more than before.</param>
/// <param name="Oldest">The oldest version whose programs can still serve the schema then. It stays as it is while steps only add.</param>
/// <param name="Sql">The statements.</param>
internal sealed record SchemaScript(int Version, int Oldest, string Sql);
