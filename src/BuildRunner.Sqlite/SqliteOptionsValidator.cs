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
            return builder.DataSource.Length == 0 || builder.DataSource == ":memory:" || builder.Mode is SqliteOpenMode.Memory or SqliteOpenMode.ReadOnly
                ? ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} names no file that can be written; give it a 'Data Source' that is the path of a file, or call UseInMemory.")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{nameof(SqliteOptions)}.{nameof(options.ConnectionString)} is no connection string of SQLite: {exception.Message}");
        }
    }
}
