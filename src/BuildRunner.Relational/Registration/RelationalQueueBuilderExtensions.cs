using BuildRunner.Orchestration;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BuildRunner.Relational;

internal static class RelationalQueueBuilderExtensions
{
    /// <summary>Keeps the messages in a database, and the builds beside them.</summary>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <param name="package">The name of the package of the database, which is the category of its log.</param>
    /// <param name="addServices">Adds what the database needs, such as its options. It leaves with the database where that is
    /// replaced.</param>
    /// <param name="create">Creates the database.</param>
    public static TBuilder UseDatabase<TBuilder>(
        this TBuilder builder,
        string package,
        Action<IServiceCollection> addServices,
        Func<IServiceProvider, ILogger, IBuildDatabase> create)
        where TBuilder : IQueueBuilder =>
        builder.UseEngine(
            static provider => provider.GetRequiredService<RelationalQueueEngine>(),
            services =>
            {
                addServices(services);
                services.AddSingleton(provider => create(provider, LoggerOf(provider, package)));
                services.AddSingleton(provider => new RelationalQueueEngine(
                    provider.GetRequiredService<IBuildDatabase>(), provider.GetRequiredService<TimeProvider>(), LoggerOf(provider, package))
                {
                    StartTimeout = OptionsOf(provider).StartTimeout,
                });
                services.AddSingleton<ITransactionalPublisher>(static provider =>
                    new TransactionalPublisher(provider.GetRequiredService<RelationalQueueEngine>(), OptionsOf(provider)));
                services.AddKeyedSingleton<IBuildStore>(typeof(IQueueEngine), static (provider, _) => new RelationalBuildStore(
                    provider.GetRequiredService<RelationalQueueEngine>(), provider.GetRequiredService<IBuildDatabase>()));
            });

    private static QueueOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<QueueOptions>>().Value;

    private static ILogger LoggerOf(IServiceProvider provider, string package) =>
        (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(package);
}
