using Microsoft.Extensions.Options;

namespace BuildRunner.Sqlite;

internal sealed class SqliteOptionsValidator : IValidateOptions<SqliteOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return Fail("is empty; pass one to UseSqlite, such as 'Data Source=queue.db'.");
        }

        try
        {
            SqliteConnectionStringBuilder builder = new(options.ConnectionString);
            var isShared = builder.Cache == SqliteCacheMode.Shared
                || builder.DataSource.Contains("cache=shared", StringComparison.OrdinalIgnoreCase);
            return builder.DataSource.Length == 0 || IsInMemory(builder) || builder.Mode == SqliteOpenMode.ReadOnly
                ? Fail("names no writable file; set 'Data Source' to the path of a file, or call UseInMemory.")
                : isShared
                ? Fail("has 'Cache=Shared', with which connections fail instead of waiting for each other's locks; remove it.")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return Fail($"is not a SQLite connection string: {exception.Message}");
        }
    }

    private static ValidateOptionsResult Fail(string problem) =>
        ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(SqliteOptions.ConnectionString)} {problem}");

    // A path that begins with 'file:' is a URI to SQLite, with its own settings.
    private static bool IsInMemory(SqliteConnectionStringBuilder builder) =>
        builder.Mode == SqliteOpenMode.Memory
        || builder.DataSource == ":memory:"
        || (builder.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            && (builder.DataSource.StartsWith("file::memory:", StringComparison.OrdinalIgnoreCase)
                || builder.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)));
}
