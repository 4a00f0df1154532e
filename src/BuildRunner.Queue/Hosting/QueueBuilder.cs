using System.Diagnostics.CodeAnalysis;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BuildRunner.Queue;

/// <summary>Represents a builder that configures the database and the handlers of the queue.</summary>
/// <remarks>Mistakes are reported when the host starts.</remarks>
public sealed class QueueBuilder : IQueueBuilder
{
    internal QueueBuilder(IServiceCollection services) => Services = services;

    /// <inheritdoc/>
    public IServiceCollection Services { get; }

    /// <summary>Configures the options of the queue.</summary>
    /// <param name="configure">The action that configures the options.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public QueueBuilder Configure(Action<QueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>Adds the handler of a topic.</summary>
    /// <typeparam name="THandler">The handler. It is added as a scoped service unless it is registered. Each message gets its own scope.
    /// The host creates one at start, as a check.</typeparam>
    /// <param name="topic">The topic: 1 to 200 characters. It can be a dead-letter topic.</param>
    /// <param name="configure">The action that configures the options, or <see langword="null"/> to keep them.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name.</exception>
    public QueueBuilder AddConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        string topic, Action<ConsumerOptions>? configure = null)
        where THandler : class, IMessageHandler
    {
        Topic.ThrowIfInvalid(topic);
        Services.TryAddScoped<THandler>();
        Services.AddSingleton(ConsumerRegistration.Of<THandler>(topic));
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConsumerOptions>, ConsumerOptionsValidator>());
        Services.AddOptions<ConsumerOptions>(topic).Configure(configure ?? (static _ => { })).ValidateOnStart();
        return this;
    }
}
