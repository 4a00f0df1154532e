using BuildRunner.Orchestration;

namespace BuildRunner.CloudEvents;

/// <summary>Publishes the event of a changed build.</summary>
internal sealed class CloudEventObserver(CloudEventTarget target, IServiceProvider services) : IBuildObserver
{
    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) =>
        BuildCloudEvent.Of(build, target.Source) is { } cloudEvent
            ? target.Publish(services, cloudEvent, cancellationToken)
                ?? throw new InvalidOperationException("The delegate that publishes events returned no task; it must return one.")
            : Task.CompletedTask;
}
