using BuildRunner.MySql;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that keep a queue in a MySQL or MariaDB database.</summary>
public static class MySqlQueueBuilderExtensions
{
    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the database of the registered <see
    /// cref="MySqlDataSource"/>.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <inheritdoc cref="UseMySql{TBuilder}(TBuilder, Action{MySqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder => builder.UseMySql(static _ => { });

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a MySQL or MariaDB database.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="connectionString">The connection string, such as <c>Server=db;Database=shop;User ID=shop</c>.</param>
    /// <inheritdoc cref="UseMySql{TBuilder}(TBuilder, Action{MySqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder, string connectionString)
        where TBuilder : IQueueBuilder => builder.UseMySql(options => options.ConnectionString = connectionString ?? "");

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the MySQL or MariaDB database of a data
    /// source.</summary>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="dataSource">The data source, which provides the login. The queue does not dispose it.</param>
    /// <inheritdoc cref="UseMySql{TBuilder}(TBuilder, Action{MySqlOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UseMySql<TBuilder>(this TBuilder builder, MySqlDataSource dataSource)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UseMySql(options => options.DataSource = _ => dataSource);
    }

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a MySQL or MariaDB database.</summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The builder of the queue or the orchestration.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at first use without a host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Also adds an <see cref="ITransactionalPublisher"/>. The last database chosen wins.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
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
        var timeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        return new(connections, timeProvider, logger: logger) { CreatesSchema = options.CreateSchema };
    }
}
