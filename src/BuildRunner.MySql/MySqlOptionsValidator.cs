using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace BuildRunner.MySql;

internal sealed class MySqlOptionsValidator(IServiceProviderIsService services) : IValidateOptions<MySqlOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlOptions options) =>
        (options.ConnectionString is null ? RefuseDataSource(options) : RefuseConnectionString(options)) is { } reason
            ? ValidateOptionsResult.Fail($"{nameof(MySqlOptions)}.{nameof(options.ConnectionString)} {reason}")
            : ValidateOptionsResult.Success;

    private string? RefuseDataSource(MySqlOptions options) => options.DataSource is not null || services.IsService(typeof(MySqlDataSource))
        ? null
        : $"is null, and no {nameof(MySqlDataSource)} is registered; pass either to UseMySql, or register a data source.";

    private static string? RefuseConnectionString(MySqlOptions options)
    {
        if (options.DataSource is not null)
        {
            return $"and {nameof(options.DataSource)} are both set; leave one of them null.";
        }

        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return "is empty; pass one to UseMySql, such as 'Server=db;Database=shop;User ID=shop'.";
        }

        try
        {
            return MySqlConnections.Refuse(new MySqlConnectionStringBuilder(options.ConnectionString));
        }
        catch (ArgumentException exception)
        {
            return $"is not a valid MySqlConnector connection string: {exception.Message}";
        }
    }
}
