using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace BuildRunner.Sqlite;

internal sealed class SqliteOptionsValidator : IValidateOptions<SqliteOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} is empty; pass one to UseSqlite, such as 'Data Source=queue.db'.");
        }

        try
        {
            SqliteConnectionStringBuilder builder = new(options.ConnectionString);
            if (builder.DataSource.Length == 0 || IsInMemory(builder) || builder.Mode == SqliteOpenMode.ReadOnly)
            {
                return ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} names no file that can be written; give it a 'Data Source' that is the path of a file, or call UseInMemory.");
            }

            return builder.Cache == SqliteCacheMode.Shared || builder.DataSource.Contains("cache=shared", StringComparison.OrdinalIgnoreCase)
                ? ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} has 'Cache=Shared', where connections lock each other's tables and do not wait for them; leave it out.")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} is no connection string of SQLite: {exception.Message}");
        }
    }

    // A path that begins with 'file:' is a URI to SQLite, with settings of its own.
    private static bool IsInMemory(SqliteConnectionStringBuilder builder) =>
        builder.Mode == SqliteOpenMode.Memory
        || builder.DataSource == ":memory:"
        || (builder.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            && (builder.DataSource.StartsWith("file::memory:", StringComparison.OrdinalIgnoreCase) || builder.DataSource.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)));
}
