using Microsoft.Extensions.Options;
using Npgsql;

namespace BuildRunner.PostgreSql;

internal sealed class PostgreSqlOptionsValidator : IValidateOptions<PostgreSqlOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail($"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} is empty; pass one to UsePostgreSql, such as 'Host=db;Database=shop;Username=shop'.");
        }

        try
        {
            return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(options.ConnectionString).Host)
                ? ValidateOptionsResult.Fail($"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} names no server; give it a 'Host'.")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} is no connection string of Npgsql: {exception.Message}");
        }
    }
}
