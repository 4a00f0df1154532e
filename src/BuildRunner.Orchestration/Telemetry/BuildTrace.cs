using System.Diagnostics;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Telemetry;

/// <summary>Represents the trace of a build (W3C Trace Context). Every message carries that of the submission, so one trace runs from there
/// to the observer.</summary>
internal static class BuildTrace
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    // Others must propagate this length, and may drop longer ones.
    private const int MaxStateLength = 512;

    public static IReadOnlyDictionary<string, string>? Of(Message message) =>
        message.Headers.TryGetValue(Parent, out var parent) ? Headers(parent, message.Headers.GetValueOrDefault(State)) : Current;

    public static IReadOnlyDictionary<string, string>? Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity ? Headers(id, activity.TraceStateString) : null;

    private static Dictionary<string, string> Headers(string parent, string? state) =>
        string.IsNullOrEmpty(state) || state.Length > MaxStateLength
            ? new() { [Parent] = parent }
            : new() { [Parent] = parent, [State] = state };
}
