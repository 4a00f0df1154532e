namespace BuildRunner.Sqlite.Writing;

/// <summary>Resolves the path of a data source once, because the current directory may change.</summary>
internal static class SqlitePath
{
    private const string Scheme = "file:";
    private const string DataDirectory = "|DataDirectory|";

    /// <summary>Gets the data source with a full path, and that path.</summary>
    public static (string DataSource, string Path) Resolve(string dataSource)
    {
        if (!dataSource.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var full = Full(dataSource);
            return (full, full);
        }

        // A SQLite URI: an absolute one may have an authority, and settings may follow.
        var end = dataSource.IndexOfAny(['?', '#']);
        var settings = end < 0 ? "" : dataSource[end..];
        var path = dataSource[Scheme.Length..(end < 0 ? dataSource.Length : end)];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            var root = path.IndexOf('/', 2);
            return (dataSource, root < 0 ? "" : Uri.UnescapeDataString(path[root..]));
        }

        path = Uri.UnescapeDataString(path);
        if (path.StartsWith('/'))
        {
            return (dataSource, path);
        }

        path = Path.GetFullPath(path);
        return (Scheme + Escape(path) + settings, path);
    }

    // Like the driver: relative to the program's DataDirectory, if set.
    private static string Full(string path)
    {
        var relative = path.StartsWith(DataDirectory, StringComparison.OrdinalIgnoreCase)
            ? path[DataDirectory.Length..].TrimStart('/', '\\')
            : path;
        return AppContext.GetData("DataDirectory") is string { Length: > 0 } directory
            ? Path.GetFullPath(relative, Path.GetFullPath(directory))
            : Path.GetFullPath(relative);
    }

    private static string Escape(string path)
    {
        var uri = path.Replace('\\', '/')
            .Replace("%", "%25", StringComparison.Ordinal)
            .Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return uri.StartsWith('/') ? uri : $"/{uri}";
    }
}
