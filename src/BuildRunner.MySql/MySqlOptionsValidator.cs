using Microsoft.Extensions.Options;
using MySqlConnector;

namespace BuildRunner.MySql;

internal sealed class MySqlOptionsValidator : IValidateOptions<MySqlOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail($"{nameof(MySqlOptions)}.{nameof(options.ConnectionString)} is empty; pass one to UseMySql, such as 'Server=db;Database=shop;User ID=shop'.");
        }

        try
        {
            return string.IsNullOrEmpty(new MySqlConnectionStringBuilder(options.ConnectionString).Database)
                ? ValidateOptionsResult.Fail($"{nameof(MySqlOptions)}.{nameof(options.ConnectionString)} names no database; give it a 'Database'.")
                : ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{nameof(MySqlOptions)}.{nameof(options.ConnectionString)} is no connection string of MySqlConnector: {exception.Message}");
        }
    }
}
