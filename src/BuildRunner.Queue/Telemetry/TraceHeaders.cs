using System.Diagnostics;

namespace BuildRunner.Queue.Telemetry;

/// <summary>Writes and reads W3C Trace Context in the headers of messages.</summary>
internal static class TraceHeaders
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>Adds the current trace context to messages that have none.</summary>
    public static IReadOnlyList<OutgoingMessage> Write(IReadOnlyList<OutgoingMessage> messages) =>
        Activity.Current is { } current ? [.. messages.Select(message => Write(message, current))] : messages;

    /// <summary>Adds the context unless the message has one or its headers would become too long.</summary>
    public static Message Write(Message message, Activity? activity)
    {
        if (activity is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } || message.Headers.ContainsKey(Parent))
        {
            return message;
        }

        Dictionary<string, string> headers = new(message.Headers, StringComparer.Ordinal) { [Parent] = id };
        if (!string.IsNullOrEmpty(activity.TraceStateString))
        {
            headers[State] = activity.TraceStateString;
        }

        return headers.Sum(static header => header.Key.Length + header.Value.Length) <= Message.MaxHeadersLength
            ? message with { Headers = headers }
            : message;
    }

    public static bool TryRead(Message message, out ActivityContext context)
    {
        context = default;
        return message.Headers.TryGetValue(Parent, out var parent)
            && ActivityContext.TryParse(parent, message.Headers.GetValueOrDefault(State), isRemote: true, out context);
    }

    private static OutgoingMessage Write(OutgoingMessage outgoing, Activity activity)
    {
        var message = Write(outgoing.Message, activity);
        return ReferenceEquals(message, outgoing.Message) ? outgoing : new OutgoingMessage(outgoing.Topic, message, outgoing.Delay);
    }
}
