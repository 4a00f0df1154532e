namespace BuildRunner.Relational;

/// <summary>Provides the statements about the table <c>queue_build_documents</c>.</summary>
internal static class DocumentStatements
{
    private const string Columns = "name, value, version, expires_at";

    public static SqlStatement Find(IReadOnlyList<string> names) => new(
        $"SELECT {Columns} FROM queue_build_documents WHERE name IN ({string.Join(", ", names.Select(static _ => '?'))})",
        [.. names.Select(Findable)]);

    /// <summary>Lists the documents of a prefix, which ends with a slash.</summary>
    public static SqlStatement List(string prefix, int limit, string? after) => new(
        $"SELECT {Columns} FROM queue_build_documents WHERE name > ? AND name < ? ORDER BY name LIMIT ?",
        Findable(after ?? prefix),
        $"{prefix[..^1]}0",
        (long)limit);

    public static SqlStatement FirstExpired(int limit) => new(
        $"SELECT {Columns} FROM queue_build_documents WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT ?", (long)limit);

    public static SqlStatement FindSaved(string name, long token) =>
        new("SELECT 1 FROM queue_build_documents WHERE name = ? AND save_token = ?", name, token);

    public static SqlStatement Save(BuildDocument document, long token, string ignoreConflict)
    {
        var expiresAt = document.ExpiresAt?.ToUnixTimeMilliseconds();
        return document.Version == 1
            ? new(
                $"INSERT INTO queue_build_documents (name, value, version, save_token, expires_at) VALUES (?, ?, ?, ?, ?){ignoreConflict}",
                document.Name,
                document.Value,
                document.Version,
                token,
                expiresAt)
            : new(
                "UPDATE queue_build_documents SET value = ?, version = ?, save_token = ?, expires_at = ? WHERE name = ? AND version = ?",
                document.Value,
                document.Version,
                token,
                expiresAt,
                document.Name,
                document.Version - 1);
    }

    public static SqlStatement Delete(BuildDocument document) =>
        new("DELETE FROM queue_build_documents WHERE name = ? AND version = ?", document.Name, document.Version);

    // Text that no column can hold finds nothing; the drivers would refuse it.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";
}
