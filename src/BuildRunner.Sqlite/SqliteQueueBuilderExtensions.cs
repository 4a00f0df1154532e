using BuildRunner.Orchestration;
using BuildRunner.Queue;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using BuildRunner.Sqlite.Sessions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of a queue in a SQLite file.
/// </summary>
public static class SqliteQueueBuilderExtensions
{
    /// <summary>
    /// Keeps the messages in a SQLite file.
    /// </summary>
    /// <param name="builder">The queue.</param>
    /// <param name="connectionString">The connection string, such as <c>Data Source=queue.db</c>.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well, and an <see cref="IBuildStore"/> that keeps the builds of <c>AddBuildOrchestration</c> beside the messages, whichever of the two is called first.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static QueueBuilder UseSqlite(this QueueBuilder builder, string connectionString) => builder.UseSqlite(options => options.ConnectionString = connectionString);

    /// <summary>
    /// Keeps the messages in a SQLite file.
    /// </summary>
    /// <param name="builder">The queue.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Adds an <see cref="ITransactionalPublisher"/> as well, and an <see cref="IBuildStore"/> that keeps the builds of <c>AddBuildOrchestration</c> beside the messages, whichever of the two is called first.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static QueueBuilder UseSqlite(this QueueBuilder builder, Action<SqliteOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteOptions>, SqliteOptionsValidator>());
        builder.Services.AddOptions<SqliteOptions>().Configure(configure).ValidateOnStart();
        builder.Services.TryAddSingleton(static provider => new SqliteQueueDatabase(
            provider.GetRequiredService<IOptions<SqliteOptions>>().Value.ConnectionString,
            SqliteText.Clock,
            logger: LoggerOf(provider)));
        builder.Services.TryAddSingleton(static provider => new RelationalQueueEngine(
            provider.GetRequiredService<SqliteQueueDatabase>(), provider.GetService<TimeProvider>() ?? TimeProvider.System, LoggerOf(provider))
        {
            StartTimeout = provider.GetRequiredService<IOptions<QueueOptions>>().Value.StartTimeout,
        });
        builder.Services.TryAddSingleton<ITransactionalPublisher>(static provider =>
            new TransactionalPublisher(provider.GetRequiredService<RelationalQueueEngine>(), provider.GetRequiredService<IOptions<QueueOptions>>().Value));
        builder.Services.AddSingleton<IBuildStore>(static provider => new RelationalBuildStore(provider.GetRequiredService<RelationalQueueEngine>(), provider.GetRequiredService<SqliteQueueDatabase>()));
        return builder.UseEngine(nameof(UseSqlite), static provider => provider.GetRequiredService<RelationalQueueEngine>());
    }

    private static ILogger LoggerOf(IServiceProvider provider) => provider.GetService<ILoggerFactory>()?.CreateLogger("BuildRunner.Sqlite") ?? NullLogger.Instance;
}
