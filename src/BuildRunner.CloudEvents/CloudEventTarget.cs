using CloudNative.CloudEvents;

namespace BuildRunner.CloudEvents;

/// <summary>Represents where events come from and go.</summary>
internal sealed record CloudEventTarget(Uri Source, Func<IServiceProvider, CloudEvent, CancellationToken, Task> Publish);
