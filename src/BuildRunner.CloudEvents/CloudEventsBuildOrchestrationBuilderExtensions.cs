using BuildRunner.CloudEvents;
using BuildRunner.Orchestration;
using CloudNative.CloudEvents;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that publishes changes of builds as CloudEvents.</summary>
public static class CloudEventsBuildOrchestrationBuilderExtensions
{
    /// <summary>Adds an observer that publishes each change of a build as a CloudEvent, in the vocabulary of CDEvents 0.5.1 for pipeline
    /// runs.</summary>
    /// <param name="builder">The <see cref="BuildOrchestrationBuilder"/> to add to.</param>
    /// <param name="source">The source of all events: an absolute or relative URI that names this service. With it, the id of an event is
    /// unique.</param>
    /// <param name="publish">Publishes an event, with the services of the scope of the change. If it fails, the change is retried. An event
    /// may be published again, with the same id.</param>
    /// <returns><paramref name="builder"/>, for chaining.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="source"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">CloudEvents were added before.</exception>
    public static BuildOrchestrationBuilder AddCloudEvents(
        this BuildOrchestrationBuilder builder,
        Uri source,
        Func<IServiceProvider, CloudEvent, CancellationToken, Task> publish)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(publish);
        if (source.OriginalString.Length == 0)
        {
            throw new ArgumentException("The source of the events is empty; give the URI that names this service.", nameof(source));
        }

        if (builder.Services.Any(static service => service.ServiceType == typeof(CloudEventTarget)))
        {
            throw new InvalidOperationException(
                $"{nameof(AddCloudEvents)} was called before; call it once, and publish to several places in its delegate.");
        }

        builder.Services.AddSingleton(new CloudEventTarget(source, publish));
        return builder.AddObserver<CloudEventObserver>();
    }
}
