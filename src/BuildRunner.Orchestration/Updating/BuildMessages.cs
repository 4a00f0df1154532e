using System.Globalization;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>The messages of a build. Each is about the record and carries nothing but its trace.</summary>
internal readonly struct BuildMessages(IReadOnlyDictionary<string, string>? headers)
{
    private const string SignalSuffix = "/signal";

    public static BuildMessages In(Delivery delivery) => new(BuildTrace.Of(delivery.Message));

    public OutgoingMessage TriggerOf(Build build) => Of(BuildTopics.TriggerOf(build.Runner), build, TimeSpan.Zero);

    /// <summary>Has a build polled, and goes on until it has ended.</summary>
    public OutgoingMessage PollOf(Build build, TimeSpan delay = default) => Of(BuildTopics.SignalOf(build.Runner), build, delay);

    /// <summary>
    /// Has a build polled once more, because something has said that it changed. It has a partition of its own, because what is postponed
    /// holds up what comes after it; and its identity says that a poll was signalled, because of two messages with one identity the first
    /// stays. It waits a little: what is signalled meanwhile is the same message, so that such polls keep their distance in all processes.
    /// </summary>
    public OutgoingMessage SignalOf(Build build)
    {
        var key = build.Id + SignalSuffix;
        return new(BuildTopics.SignalOf(build.Runner), new Message { PartitionKey = key, Id = key, Headers = headers }, PollDelay.AfterSignal);
    }

    public static bool IsSignal(Delivery delivery) => delivery.Message.Id.EndsWith(SignalSuffix, StringComparison.Ordinal);

    public OutgoingMessage DeadlineOf(Build build) => Of(BuildTopics.Deadline, build, build.Deadline - build.CreatedAt);

    /// <summary>What has a build looked at that was cancelled.</summary>
    public OutgoingMessage NextOf(Build build) => build.RemoteId is null ? TriggerOf(build) : PollOf(build);

    // Each change has an identity of its own, so that none is taken for another.
    public OutgoingMessage ChangeOf(Build build)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{build.Id}/{build.Version}");
        return new(BuildTopics.Change, new Message { PartitionKey = build.OwnerId, Id = id, Headers = headers });
    }

    private OutgoingMessage Of(string topic, Build build, TimeSpan delay) =>
        new(topic, new Message { PartitionKey = build.Id.ToString(), Id = build.Id.ToString(), Headers = headers }, delay);
}
