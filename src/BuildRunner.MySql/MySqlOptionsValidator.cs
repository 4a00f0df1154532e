using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.MySql;

internal sealed class MySqlOptionsValidator(IServiceProviderIsService services) : IValidateOptions<MySqlOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlOptions options) =>
        ConnectionOptions.Refuse(
            "MySql",
            options.ConnectionString,
            options.DataSource,
            services,
            "Server=db;Database=shop;User ID=shop",
            static text => MySqlConnections.Refuse(new MySqlConnectionStringBuilder(text))) is { } failure
            ? ValidateOptionsResult.Fail(failure)
            : ValidateOptionsResult.Success;
}
