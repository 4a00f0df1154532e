using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Derives what a save adds to the history of a build. A history is text with a line of JSON for each event.</summary>
internal static class HistoryLine
{
    /// <summary>The length from which a history takes no more lines, in characters. It is counted before the line, so the last one may go
    /// beyond it.</summary>
    public const int MaxHistory = 16 * 1024;

    /// <summary>The same for attempts, which a build that changes all the time must not hide.</summary>
    public const int MaxHistoryOfAttempts = 20 * 1024;

    /// <summary>The same for the end, which comes once and is always kept: what is there by then is shorter.</summary>
    public const int MaxHistoryOfEnd = 64 * 1024;

    private const int MaxNote = 320;
    private const int MaxRemoteId = 128;

    /// <summary>Gets the line of a new build.</summary>
    public static string OfNew(Build build) => string.Create(
        CultureInfo.InvariantCulture, $"{{\"t\":{build.CreatedAt.ToUnixTimeMilliseconds()},\"k\":{(int)BuildEventKind.Submitted}}}\n");

    /// <summary>Gets the lines of a change, or null if it is not worth one.</summary>
    public static string? Of(Build before, Build after, DateTimeOffset now)
    {
        var text = string.Concat(EventsOf(before, after, now).Select(Write));
        return text.Length == 0 ? null : text;
    }

    /// <summary>Determines whether a history that has reached its length still takes the lines of a change.</summary>
    public static int LimitOf(Build after, string lines) =>
        after.Status.IsTerminal()
            ? MaxHistoryOfEnd
            : lines.Contains(AttemptEnded, StringComparison.Ordinal) ? MaxHistoryOfAttempts : MaxHistory;

    /// <summary>Adds the lines of a change to a history in memory.</summary>
    public static string Append(string history, Build after, string lines) =>
        history.Length < LimitOf(after, lines) ? history + lines : history;

    public static IReadOnlyList<BuildEvent> Read(string? history) =>
        [.. (history ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine)];

    private static string AttemptEnded { get; } = $"\"k\":{(int)BuildEventKind.AttemptEnded}";

    private static IEnumerable<BuildEvent> EventsOf(Build before, Build after, DateTimeOffset now)
    {
        BuildEvent current = new() { At = now, Kind = default, Status = after.Status, Attempt = after.Attempt };
        if (before.Bookkeeping.Line is null && after.Bookkeeping.Line is not null)
        {
            yield return current with { Kind = BuildEventKind.Waiting };
        }

        if (before.Bookkeeping.Line is not null && after.Bookkeeping is { Line: null, SlotSince: not null })
        {
            yield return current with { Kind = BuildEventKind.LetIn };
        }

        if (after.Bookkeeping.TriggerAttemptedAt is { } mark && mark != before.Bookkeeping.TriggerAttemptedAt)
        {
            yield return current with { Kind = BuildEventKind.Triggered };
        }

        if (before.CancelCause != after.CancelCause && after.CancelCause != BuildCancelCause.None)
        {
            yield return current with
            {
                Kind = BuildEventKind.Cancelling,
                Status = before.Status,
                CancelCause = after.CancelCause,
                Note = after.CancelReason,
            };
        }

        if (before.Attempt != after.Attempt)
        {
            yield return current with
            {
                Kind = BuildEventKind.AttemptEnded,
                Attempt = before.Attempt,
                RemoteId = before.RemoteId?.Value,
                Note = AddedTo(before.LastingNote, after.LastingNote),
            };
        }
        else if (before.Status != after.Status || (before.RemoteId is null && after.RemoteId is not null))
        {
            yield return current with
            {
                Kind = KindOf(after.Status),
                RemoteId = before.RemoteId == after.RemoteId ? null : after.RemoteId?.Value,
                Note = after.Status.IsTerminal() ? AddedTo(before.LastingNote, after.LastingNote) : null,
            };
        }
    }

    private static BuildEventKind KindOf(BuildStatus status) => status switch
    {
        BuildStatus.Running => BuildEventKind.Running,
        BuildStatus.Accepted => BuildEventKind.Accepted,
        _ => BuildEventKind.Ended,
    };

    // The rest is in the note of the build.
    private static string? AddedTo(string? before, string? after)
    {
        var added = before is { Length: > 0 } && after?.StartsWith(before, StringComparison.Ordinal) == true
            ? after[before.Length..].TrimStart()
            : after;
        return added is "" ? null : added;
    }

    // Written by hand: setting up a serializer takes longer than writing many lines.
    private static string Write(BuildEvent happened)
    {
        var status = Number("s", happened.Status == BuildStatus.Accepted ? 0 : (int)happened.Status);
        var (attempt, cause) = (Number("a", happened.Attempt - 1), Number("c", (int)happened.CancelCause));
        var (remoteId, note) = (Text("r", happened.RemoteId, MaxRemoteId), Text("n", happened.Note, MaxNote));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"t\":{happened.At.ToUnixTimeMilliseconds()},\"k\":{(int)happened.Kind}{status}{attempt}{cause}{remoteId}{note}}}\n");
    }

    private static string Number(string name, int value) =>
        value == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $",\"{name}\":{value}");

    private static string Text(string name, string? value, int maxLength) => value is null
        ? ""
        : $",\"{name}\":\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(BuildNote.Cut(BuildNote.Storable(value), maxLength))}\"";

    private static BuildEvent ReadLine(string line)
    {
        var entry = JsonSerializer.Deserialize(line, HistoryJson.Default.Entry)!;
        return new()
        {
            At = DateTimeOffset.FromUnixTimeMilliseconds(entry.At),
            Kind = (BuildEventKind)entry.Kind,
            Status = entry.Status == 0 ? BuildStatus.Accepted : (BuildStatus)entry.Status,
            Attempt = entry.Attempt + 1,
            CancelCause = (BuildCancelCause)entry.Cause,
            RemoteId = entry.RemoteId,
            Note = entry.Note,
        };
    }

    /// <summary>Represents a line. Names are short, because there are some five lines a build.</summary>
    internal sealed record Entry(
        [property: JsonPropertyName("t")] long At,
        [property: JsonPropertyName("k")] int Kind,
        [property: JsonPropertyName("s")] int Status,
        [property: JsonPropertyName("a")] int Attempt,
        [property: JsonPropertyName("c")] int Cause,
        [property: JsonPropertyName("r")] string? RemoteId,
        [property: JsonPropertyName("n")] string? Note);
}
