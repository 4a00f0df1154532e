using System.Diagnostics.Metrics;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;
using BuildRunner.Queue.Publishing;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of the queue, and of that in memory.
/// </summary>
public static class QueueServiceCollectionExtensions
{
    /// <summary>
    /// Adds a queue: an <see cref="IPublisher"/>, an <see cref="IDeadLetters"/>, and an <see cref="IHostedService"/> that hands messages to their handlers.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>What the engine and the handlers are added to. A second call returns the same queue.</returns>
    /// <remarks>Goes by the <see cref="TimeProvider"/>, logs to the <see cref="ILoggerFactory"/> and has its meter from the <see cref="IMeterFactory"/> of the services, where there are any. When the host stops, what is not started is handed back, and so is what its handler does not finish in time; neither counts as a failure.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static QueueBuilder AddQueue(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<QueueOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueueOptions>, QueueOptionsValidator>());
        services.TryAddSingleton(CreateTelemetry);
        services.TryAddSingleton<IQueueEngine>(CreateEngine);
        services.TryAddSingleton<IPublisher, Publisher>();
        services.TryAddSingleton<IDeadLetters, DeadLetters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, QueueHost>(CreateHost));
        return new QueueBuilder(services);
    }

    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the memory of this process, for tests and demonstrations.
    /// They are gone when it ends.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Replaces the database that was chosen before, as each of these methods does: the last one that is called wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UseInMemory<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder =>
        builder.UseEngine(static provider => new InMemoryQueueEngine(provider.GetRequiredService<TimeProvider>()));

    // The options are read for their validation, which is what says it where there is no engine.
    private static IQueueEngine CreateEngine(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<IOptions<QueueOptions>>().Value;
        return provider.GetRequiredService<EngineRegistration>().Create(provider);
    }

    private static QueueTelemetry CreateTelemetry(IServiceProvider provider) => new(
        provider.GetService<IMeterFactory>(),
        provider.GetRequiredService<TimeProvider>(),
        LoggerOf(provider));

    private static QueueHost CreateHost(IServiceProvider provider) => new(
        provider.GetRequiredService<IQueueEngine>(),
        [.. provider.GetServices<ConsumerRegistration>()],
        provider.GetRequiredService<IOptionsMonitor<ConsumerOptions>>(),
        provider.GetRequiredService<IServiceScopeFactory>(),
        provider.GetRequiredService<QueueTelemetry>(),
        provider.GetRequiredService<TimeProvider>(),
        LoggerOf(provider),
        provider.GetService<IHostApplicationLifetime>());

    private static ILogger LoggerOf(IServiceProvider provider) => (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("BuildRunner.Queue");
}
