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
            return Refuse(new NpgsqlConnectionStringBuilder(options.ConnectionString)) is { } reason
                ? ValidateOptionsResult.Fail($"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} {reason}")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} is no connection string of Npgsql: {exception.Message}");
        }
    }

    private static string? Refuse(NpgsqlConnectionStringBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Host))
        {
            return "names no server; give it a 'Host'.";
        }

        if (builder.Pooling && builder.MaxPoolSize < 2)
        {
            return $"has 'Maximum Pool Size={builder.MaxPoolSize}', which leaves no connection beside the one that listens; give it 2 or more.";
        }

        return builder.Multiplexing ? "has 'Multiplexing=True', where a transaction has no connection of its own; leave it out." : null;
    }
}
