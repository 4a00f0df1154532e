using BuildRunner.MySql;
using BuildRunner.Queue;
using BuildRunner.Relational;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of a queue in a database of MySQL or MariaDB.
/// </summary>
public static class MySqlQueueBuilderExtensions
{
    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the database of the <see cref="MySqlDataSource"/> that is
    /// registered in the services.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder => builder.UseMySql(static _ => { });

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a database of MySQL or MariaDB.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="connectionString">The connection string, such as <c>Server=db;Database=shop;User ID=shop</c>.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder, string connectionString)
        where TBuilder : IQueueBuilder => builder.UseMySql(options => options.ConnectionString = connectionString ?? "");

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the database of a data source.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="dataSource">The data source, whose login the queue uses. It is not disposed of with the queue.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="dataSource"/> is
    /// <see langword="null"/>.</exception>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder, MySqlDataSource dataSource)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UseMySql(options => options.DataSource = _ => dataSource);
    }

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a database of MySQL or MariaDB.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder, Action<MySqlOptions> configure)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseDatabase(
            "BuildRunner.MySql",
            services =>
            {
                services.AddOptions<MySqlOptions>().Configure(configure).ValidateOnStart();
                services.AddSingleton<IValidateOptions<MySqlOptions>, MySqlOptionsValidator>();
            },
            static (provider, logger) => CreateDatabase(provider, provider.GetRequiredService<IOptions<MySqlOptions>>().Value, logger));
    }

    private static MySqlQueueDatabase CreateDatabase(IServiceProvider provider, MySqlOptions options, ILogger logger)
    {
        MySqlConnections connections = options.ConnectionString is { } connectionString
            ? new(connectionString)
            : new(options.DataSource is { } get ? get(provider) : provider.GetRequiredService<MySqlDataSource>());
        return new(connections, provider.GetService<TimeProvider>() ?? TimeProvider.System, logger: logger) { CreatesSchema = options.CreateSchema };
    }
}
