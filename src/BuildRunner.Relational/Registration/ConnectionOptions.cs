using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Relational;

/// <summary>Validates options with a connection string or a data source.</summary>
internal static class ConnectionOptions
{
    /// <summary>Gets the error in the options of a database, or <see langword="null"/> if there is none.</summary>
    public static string? Refuse<TDataSource>(
        string database,
        string? connectionString,
        Func<IServiceProvider, TDataSource>? dataSource,
        IServiceProviderIsService services,
        string example,
        Func<string, string?> refuse)
    {
        var reason = connectionString switch
        {
            null => dataSource is not null || services.IsService(typeof(TDataSource))
                ? null
                : $"is null, and no {typeof(TDataSource).Name} is registered; pass either to Use{database}, or register a data source.",
            _ when dataSource is not null => "and DataSource are both set; leave one of them null.",
            _ when string.IsNullOrWhiteSpace(connectionString) => $"is empty; pass one to Use{database}, such as '{example}'.",
            _ => RefuseString(connectionString, refuse),
        };
        return reason is null ? null : $"{database}Options.ConnectionString {reason}";
    }

    private static string? RefuseString(string connectionString, Func<string, string?> refuse)
    {
        try
        {
            return refuse(connectionString);
        }
        catch (ArgumentException exception)
        {
            return $"is not a valid connection string: {exception.Message}";
        }
    }
}
