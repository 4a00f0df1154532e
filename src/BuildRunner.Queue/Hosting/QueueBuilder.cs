using System.Diagnostics.CodeAnalysis;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BuildRunner.Queue;

/// <summary>
/// Represents the queue of a program while it is being set up: which database it is in, and which handlers it has.
/// </summary>
/// <remarks>What cannot work is found when the host starts.</remarks>
public sealed class QueueBuilder : IQueueBuilder
{
    internal QueueBuilder(IServiceCollection services) => Services = services;

    /// <inheritdoc/>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Sets what holds for the whole queue.
    /// </summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public QueueBuilder Configure(Action<QueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Has the messages of a topic handled.
    /// </summary>
    /// <typeparam name="THandler">The handler. It is added as a scoped service where it is not one yet; each message has a scope of its own. One is made when the host starts, to see that it can be.</typeparam>
    /// <param name="topic">The topic: 1 to 200 characters. It can be that of dead letters.</param>
    /// <param name="configure">Sets the options, or <see langword="null"/> for those that there are.</param>
    /// <returns>This builder, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic.</exception>
    public QueueBuilder AddConsumer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string topic, Action<ConsumerOptions>? configure = null)
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
