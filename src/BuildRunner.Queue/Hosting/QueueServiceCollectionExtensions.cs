using System.Diagnostics.Metrics;
using BuildRunner.Queue;
using BuildRunner.Queue.Hosting;
using BuildRunner.Queue.Publishing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that add the queue and its in-memory database.</summary>
public static class QueueServiceCollectionExtensions
{
    /// <summary>Adds the queue: <see cref="IPublisher"/>, <see cref="IDeadLetters"/>, and an <see cref="IHostedService"/> that runs the
    /// handlers.</summary>
    /// <param name="services">The service collection.</param>
    /// <returns>A builder for the database and the handlers. A second call configures the same queue.</returns>
    /// <remarks>Uses the <see cref="TimeProvider"/>, <see cref="ILoggerFactory"/> and <see cref="IMeterFactory"/> of the services, if
    /// registered. When the host stops, it hands back messages not started or not finished in time, without a failure.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static QueueBuilder AddQueue(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<QueueOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueueOptions>, QueueOptionsValidator>());
        services.TryAddSingleton<QueueTelemetry>();
        services.TryAddSingleton<IQueueEngine>(CreateEngine);
        services.TryAddSingleton<IPublisher, Publisher>();
        services.TryAddSingleton<IDeadLetters, DeadLetters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, QueueHost>());
        return new QueueBuilder(services);
    }

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the memory of this process, for tests and
    /// demonstrations.</summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Replaces a database that was chosen before: the last call wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UseInMemory<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder =>
        builder.UseEngine(static provider => new InMemoryQueueEngine(provider.GetRequiredService<TimeProvider>()));

    // Reading the options validates them: a missing engine is reported there.
    private static IQueueEngine CreateEngine(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<IOptions<QueueOptions>>().Value;
        return provider.GetRequiredService<EngineRegistration>().Create(provider);
    }
}
