using BuildRunner.PostgreSql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that keep a queue in a PostgreSQL database.</summary>
public static class PostgreSqlQueueBuilderExtensions
{
    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the PostgreSQL database of the registered <see
    /// cref="NpgsqlDataSource"/>.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <inheritdoc cref="UsePostgreSql{TBuilder}(TBuilder, Action{PostgreSqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder => builder.UsePostgreSql(static _ => { });

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a PostgreSQL database.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="connectionString">The connection string, such as <c>Host=db;Database=shop;Username=shop</c>.</param>
    /// <inheritdoc cref="UsePostgreSql{TBuilder}(TBuilder, Action{PostgreSqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder, string connectionString)
        where TBuilder : IQueueBuilder => builder.UsePostgreSql(options => options.ConnectionString = connectionString ?? "");

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the PostgreSQL database of a data source.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="dataSource">The data source, which the queue does not dispose.</param>
    /// <inheritdoc cref="UsePostgreSql{TBuilder}(TBuilder, Action{PostgreSqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UsePostgreSql<TBuilder>(this TBuilder builder, NpgsqlDataSource dataSource)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgreSql(options => options.DataSource = _ => dataSource);
    }

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a PostgreSQL database.</summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at first use without a host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Also adds an <see cref="ITransactionalPublisher"/>. The last database chosen wins.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
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
            : new(options.DataSource is { } get ? get(provider) : provider.GetRequiredService<NpgsqlDataSource>(), options.Listen);
        PostgreSqlText text = new(PostgreSqlText.DefaultClock, new PostgreSqlTables(options.Schema)) { Notifies = options.Listen };
        return new(connections, text, provider.GetRequiredService<TimeProvider>()) { CreatesSchema = options.CreateSchema };
    }
}
