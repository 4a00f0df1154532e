namespace BuildRunner.Relational;

/// <summary>
/// Represents the version of a schema that there is.
/// </summary>
/// <param name="Version">The version.</param>
/// <param name="Oldest">The oldest version whose programs can serve it.</param>
internal readonly record struct SchemaVersion(int Version, int Oldest);
