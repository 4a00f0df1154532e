using System.Diagnostics;

namespace BuildRunner.Queue.Telemetry;

internal static class TraceHeaders
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>Adds the current trace context to messages that have none, unless their headers would become too long.</summary>
    public static IReadOnlyList<OutgoingMessage> Write(IReadOnlyList<OutgoingMessage> messages) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current
            ? [.. messages.Select(message => Write(message, id, current.TraceStateString))]
            : messages;

    public static bool TryRead(Message message, out ActivityContext context)
    {
        context = default;
        return message.Headers.TryGetValue(Parent, out var parent)
            && ActivityContext.TryParse(parent, message.Headers.GetValueOrDefault(State), isRemote: true, out context);
    }

    private static OutgoingMessage Write(OutgoingMessage outgoing, string id, string? state)
    {
        if (outgoing.Message.Headers.ContainsKey(Parent))
        {
            return outgoing;
        }

        Dictionary<string, string> headers = new(outgoing.Message.Headers, StringComparer.Ordinal) { [Parent] = id };
        if (!string.IsNullOrEmpty(state))
        {
            headers[State] = state;
        }

        return headers.Sum(static header => header.Key.Length + header.Value.Length) <= Message.MaxHeadersLength
            ? new OutgoingMessage(outgoing.Topic, outgoing.Message with { Headers = headers }, outgoing.Delay)
            : outgoing;
    }
}
