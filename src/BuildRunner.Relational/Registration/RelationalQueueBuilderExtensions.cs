using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BuildRunner.Relational;

internal static class RelationalQueueBuilderExtensions
{
    /// <summary>Keeps the messages and the builds in a database. Its package is the log category. The services that it adds, such as its
    /// options, are removed if it is replaced.</summary>
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
                    provider.GetRequiredService<RelationalQueueEngine>(),
                    provider.GetRequiredService<IBuildDatabase>(),
                    LoggerOf(provider, "BuildRunner.Relational")));
            });

    private static QueueOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<QueueOptions>>().Value;

    private static ILogger LoggerOf(IServiceProvider provider, string package) =>
        (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger(package);
}
