using BuildRunner.PostgreSql;
using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue;
using BuildRunner.Relational;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of a queue in a PostgreSQL database.
/// </summary>
public static class PostgreSqlQueueBuilderExtensions
{
    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the PostgreSQL database of the <see cref="NpgsqlDataSource"/>
    /// that is registered in the services.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder => builder.UsePostgreSql(static _ => { });

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a PostgreSQL database.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="connectionString">The connection string, such as <c>Host=db;Database=shop;Username=shop</c>.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder, string connectionString)
        where TBuilder : IQueueBuilder => builder.UsePostgreSql(options => options.ConnectionString = connectionString ?? "");

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the PostgreSQL database of a data source.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="dataSource">The data source. It is not disposed of with the queue.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="dataSource"/> is
    /// <see langword="null"/>.</exception>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder, NpgsqlDataSource dataSource)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgreSql(options => options.DataSource = _ => dataSource);
    }

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a PostgreSQL database.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well. Replaces the database that was chosen before: the last one
    /// wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder, Action<PostgreSqlOptions> configure)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseDatabase(
            "BuildRunner.PostgreSql",
            services =>
            {
                services.AddOptions<PostgreSqlOptions>().Configure(configure).ValidateOnStart();
                services.AddSingleton<IValidateOptions<PostgreSqlOptions>, PostgreSqlOptionsValidator>();
            },
            static (provider, _) => CreateDatabase(provider, provider.GetRequiredService<IOptions<PostgreSqlOptions>>().Value));
    }

    private static PostgreSqlQueueDatabase CreateDatabase(IServiceProvider provider, PostgreSqlOptions options)
    {
        PostgreSqlConnections connections = options.ConnectionString is { } connectionString
            ? new(connectionString)
            : new(options.DataSource is { } get ? get(provider) : provider.GetRequiredService<NpgsqlDataSource>());
        PostgreSqlText text = new(PostgreSqlText.DefaultClock, new PostgreSqlTables(options.Schema));
        return new(connections, text, provider.GetRequiredService<TimeProvider>()) { CreatesSchema = options.CreateSchema };
    }
}
