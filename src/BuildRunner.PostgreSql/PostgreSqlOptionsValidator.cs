using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.PostgreSql;

internal sealed class PostgreSqlOptionsValidator(IServiceProviderIsService services) : IValidateOptions<PostgreSqlOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlOptions options)
    {
        var connection = ConnectionOptions.Refuse(
            "PostgreSql",
            options.ConnectionString,
            options.DataSource,
            services,
            "Host=db;Database=shop;Username=shop",
            text => PostgreSqlConnections.Refuse(new NpgsqlConnectionStringBuilder(text), options.Listen));
        var schema = options.Schema is { } given && PostgreSqlTables.Refuse(given) is { } reason
            ? $"{nameof(PostgreSqlOptions)}.{nameof(options.Schema)} {reason}"
            : null;
        string?[] failures = [connection, schema];
        return failures.Any(static failure => failure is not null)
            ? ValidateOptionsResult.Fail(failures.OfType<string>())
            : ValidateOptionsResult.Success;
    }
}
