using System.Globalization;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Handling;

/// <summary>The messages of a build. Each is about the record and carries nothing but its trace.</summary>
internal readonly struct BuildMessages(IReadOnlyDictionary<string, string>? headers)
{
    public static BuildMessages In(Delivery delivery) => new(BuildTrace.Of(delivery.Message));

    public Publication TriggerOf(Build build) => Of(BuildTopics.TriggerOf(build.Runner), build, TimeSpan.Zero);

    public Publication SignalOf(Build build) => Of(BuildTopics.SignalOf(build.Runner), build, TimeSpan.Zero);

    public Publication DeadlineOf(Build build) => Of(BuildTopics.Deadline, build, build.Deadline - build.CreatedAt);

    /// <summary>What has a build looked at that was cancelled.</summary>
    public Publication NextOf(Build build) => build.BuildId is null ? TriggerOf(build) : SignalOf(build);

    // Each change has an identity of its own, so that none is taken for another.
    public Publication ChangeOf(Build build) =>
        new(BuildTopics.Change, new Message(string.Create(CultureInfo.InvariantCulture, $"{build.Id}/{build.Version}"), build.OwnerId, ReadOnlyMemory<byte>.Empty, headers));

    private Publication Of(string topic, Build build, TimeSpan delay) =>
        new(topic, new Message(build.Id.ToString(), build.Id.ToString(), ReadOnlyMemory<byte>.Empty, headers), delay);
}
