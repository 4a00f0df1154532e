namespace BuildRunner.Relational;

/// <summary>
/// Represents one step of the schema.
/// </summary>
/// <param name="Version">The version of the schema afterwards: more than before.</param>
/// <param name="Oldest">The oldest program version that can still serve the schema afterwards. It stays while steps only add.</param>
/// <param name="Sql">The statements.</param>
internal sealed record SchemaScript(int Version, int Oldest, string Sql);
