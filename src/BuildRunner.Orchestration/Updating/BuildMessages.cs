using System.Diagnostics;
using System.Globalization;

namespace BuildRunner.Orchestration;

/// <summary>Creates the messages of a build. They carry only its trace (W3C Trace Context): every message has that of the submission, so
/// one trace runs from there to the observer.</summary>
internal readonly struct BuildMessages(IReadOnlyDictionary<string, string>? headers)
{
    private const string SignalSuffix = "/signal";
    private const string GroupPrefix = "group/";
    private const int GuidLength = 36;
    private const string TraceParent = "traceparent";

    // Others must propagate this length, and may drop longer ones.
    private const int MaxTraceStateLength = 512;

    public static BuildMessages Current => Activity.Current switch
    {
        { IdFormat: ActivityIdFormat.W3C, Id: { } id, TraceStateString: { Length: > 0 and <= MaxTraceStateLength } state } =>
            new(new Dictionary<string, string> { [TraceParent] = id, ["tracestate"] = state }),
        { IdFormat: ActivityIdFormat.W3C, Id: { } id } => new(new Dictionary<string, string> { [TraceParent] = id }),
        _ => default,
    };

    public static BuildMessages In(Delivery delivery) =>
        delivery.Message.Headers.ContainsKey(TraceParent) ? new(delivery.Message.Headers) : Current;

    /// <summary>Creates the messages that carry out a new build: the trigger of its first attempt, and the look at its deadline.</summary>
    public IReadOnlyList<OutgoingMessage> FirstOf(Build build)
    {
        var message = MessageOf(build.Id.ToString());
        return [new(BuildTopics.TriggerOf(build.Runner), message), new(BuildTopics.Deadline, message, build.Deadline - build.CreatedAt)];
    }

    public OutgoingMessage TriggerOf(Build build, TimeSpan delay = default) =>
        new(BuildTopics.TriggerOf(build.Runner), MessageOf(AttemptOf(build)), delay);

    public OutgoingMessage PollOf(Build build, TimeSpan delay = default) =>
        new(BuildTopics.SignalOf(build.Runner), MessageOf(AttemptOf(build)), delay);

    /// <summary>Creates the message that polls a build once after a signal. It has its own partition, because a postponed message holds up
    /// those after it, and its own identity, because the first of two messages with one identity stays. Its delay merges signals in all
    /// processes.</summary>
    public OutgoingMessage SignalOf(Build build)
    {
        var key = build.Id + SignalSuffix;
        Message message = new() { PartitionKey = key, Id = key, Headers = headers };
        return new(BuildTopics.SignalOf(build.Runner), message, RunnerTimes.SignalDelay);
    }

    /// <summary>Determines whether a message that triggers or polls is about the present attempt of a build. One that is left of an
    /// earlier attempt, such as a dead letter, has nothing to do. A signal is about the present one.</summary>
    public static bool IsOfAttempt(Delivery delivery, Build build) => IsSignal(delivery) || delivery.Message.Id == AttemptOf(build);

    /// <summary>Gets the id of the build that a message is about. There may be more behind it.</summary>
    public static bool TryGetBuild(Delivery delivery, out Guid id)
    {
        var text = delivery.Message.Id.AsSpan();
        var slash = text.IndexOf('/');
        return Guid.TryParse(slash < 0 ? text : text[..slash], out id);
    }

    public static bool IsSignal(Delivery delivery) => delivery.Message.Id.EndsWith(SignalSuffix, StringComparison.Ordinal);

    /// <summary>Creates the message that looks at the limits of a build. It hastens the one that there is.</summary>
    public OutgoingMessage DeadlineOf(Build build, TimeSpan delay) => new(BuildTopics.Deadline, MessageOf(build.Id.ToString()), delay);

    /// <summary>Creates the message that looks at a cancelled build.</summary>
    public OutgoingMessage NextOf(Build build) => build.RemoteId is null ? TriggerOf(build) : PollOf(build);

    /// <summary>Creates the message that lets in builds that wait for a runner. It is about many, so it has the trace of none.</summary>
    public static OutgoingMessage DispatchOf(string runner) =>
        new(BuildTopics.DispatchOf(runner), new Message { PartitionKey = runner, Id = runner });

    // Each change has its own identity, so that none is lost.
    public OutgoingMessage ChangeOf(Build build)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{build.Id}/{build.Version}");
        return new(BuildTopics.Change, new Message { PartitionKey = build.OwnerId, Id = id, Headers = headers });
    }

    /// <summary>Creates the message that looks at a group after something has happened to it.</summary>
    public OutgoingMessage GroupOf(string key) =>
        new(BuildTopics.Group, new Message { PartitionKey = key, Id = key, Headers = headers });

    /// <summary>Creates the message that tells of the verdict of a group. A key may be used again, so the identity has the id as
    /// well.</summary>
    public OutgoingMessage ChangeOf(GroupState group) => new(
        BuildTopics.Change,
        new Message { PartitionKey = group.OwnerId, Id = $"{GroupPrefix}{group.Id}/{group.Key}", Headers = headers });

    /// <summary>Gets the id and the key of the group whose verdict a message tells of, or null if it is about a build.</summary>
    public static (Guid Id, string Key)? GroupOf(Delivery delivery)
    {
        var id = delivery.Message.Id;
        return id.StartsWith(GroupPrefix, StringComparison.Ordinal)
            && id.Length > GroupPrefix.Length + GuidLength
            && Guid.TryParse(id.AsSpan(GroupPrefix.Length, GuidLength), out var group)
            ? (group, id[(GroupPrefix.Length + GuidLength + 1)..])
            : null;
    }

    // A later attempt has messages and partitions of its own, so none of an earlier one is taken for them or holds them up.
    private static string AttemptOf(Build build) =>
        build.Attempt == 1 ? build.Id.ToString() : string.Create(CultureInfo.InvariantCulture, $"{build.Id}/{build.Attempt}");

    private Message MessageOf(string id) => new() { PartitionKey = id, Id = id, Headers = headers };
}
