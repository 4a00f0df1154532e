using BuildRunner.Orchestration;
using BuildRunner.PostgreSql;
using BuildRunner.Queue;
using BuildRunner.Relational;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of a queue in a PostgreSQL database.
/// </summary>
public static class PostgreSqlQueueBuilderExtensions
{
    /// <summary>
    /// Keeps the messages in a PostgreSQL database.
    /// </summary>
    /// <param name="builder">The queue.</param>
    /// <param name="connectionString">The connection string, such as <c>Host=db;Database=shop;Username=shop</c>.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well, and an <see cref="IBuildStore"/> that keeps the builds of <c>AddBuildOrchestration</c> beside the messages, whichever of the two is called first.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static QueueBuilder UsePostgreSql(this QueueBuilder builder, string connectionString) => builder.UsePostgreSql(options => options.ConnectionString = connectionString);

    /// <summary>
    /// Keeps the messages in a PostgreSQL database.
    /// </summary>
    /// <param name="builder">The queue.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well, and an <see cref="IBuildStore"/> that keeps the builds of <c>AddBuildOrchestration</c> beside the messages, whichever of the two is called first.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static QueueBuilder UsePostgreSql(this QueueBuilder builder, Action<PostgreSqlOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgreSqlOptions>, PostgreSqlOptionsValidator>());
        builder.Services.AddOptions<PostgreSqlOptions>().Configure(configure).ValidateOnStart();
        builder.Services.TryAddSingleton(static provider => new PostgreSqlQueueDatabase(provider.GetRequiredService<IOptions<PostgreSqlOptions>>().Value.ConnectionString));
        builder.Services.TryAddSingleton(static provider => new RelationalQueueEngine(provider.GetRequiredService<PostgreSqlQueueDatabase>(), provider.GetService<TimeProvider>() ?? TimeProvider.System, LoggerOf(provider))
        {
            StartTimeout = provider.GetRequiredService<IOptions<QueueOptions>>().Value.StartTimeout,
        });
        builder.Services.TryAddSingleton<ITransactionalPublisher>(static provider =>
            new TransactionalPublisher(provider.GetRequiredService<RelationalQueueEngine>(), provider.GetRequiredService<IOptions<QueueOptions>>().Value));
        builder.Services.AddSingleton<IBuildStore>(static provider => new RelationalBuildStore(provider.GetRequiredService<RelationalQueueEngine>(), provider.GetRequiredService<PostgreSqlQueueDatabase>()));
        return builder.UseEngine(nameof(UsePostgreSql), static provider => provider.GetRequiredService<RelationalQueueEngine>());
    }

    private static ILogger LoggerOf(IServiceProvider provider) => (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("BuildRunner.PostgreSql");
}
