namespace BuildRunner.Relational;

/// <summary>
/// Represents the version of an existing schema.
/// </summary>
/// <param name="Version">The version.</param>
/// <param name="Oldest">The oldest program version that can serve the schema.</param>
internal readonly record struct SchemaVersion(int Version, int Oldest);
