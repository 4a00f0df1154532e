using BuildRunner.PostgreSql.Schema;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BuildRunner.PostgreSql;

internal sealed class PostgreSqlOptionsValidator(IServiceProviderIsService services) : IValidateOptions<PostgreSqlOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlOptions options)
    {
        List<string> failures = [.. FailuresOf(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> FailuresOf(PostgreSqlOptions options)
    {
        if ((options.ConnectionString is null ? RefuseDataSource(options) : RefuseConnectionString(options)) is { } reason)
        {
            yield return $"{nameof(PostgreSqlOptions)}.{nameof(options.ConnectionString)} {reason}";
        }

        if (options.Schema is { } schema && PostgreSqlTables.Refuse(schema) is { } refused)
        {
            yield return $"{nameof(PostgreSqlOptions)}.{nameof(options.Schema)} {refused}";
        }
    }

    private string? RefuseDataSource(PostgreSqlOptions options) =>
        options.DataSource is not null || services.IsService(typeof(NpgsqlDataSource))
        ? null
        : $"is null, and no {nameof(NpgsqlDataSource)} is registered; pass either to UsePostgreSql, or register a data source.";

    private static string? RefuseConnectionString(PostgreSqlOptions options)
    {
        if (options.DataSource is not null)
        {
            return $"and {nameof(options.DataSource)} are both set; leave one of them null.";
        }

        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return "is empty; pass one to UsePostgreSql, such as 'Host=db;Database=shop;Username=shop'.";
        }

        try
        {
            return PostgreSqlConnections.Refuse(new NpgsqlConnectionStringBuilder(options.ConnectionString));
        }
        catch (ArgumentException exception)
        {
            return $"is not a valid Npgsql connection string: {exception.Message}";
        }
    }
}
