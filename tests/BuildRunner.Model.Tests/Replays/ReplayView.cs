using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of a state can be seen in the model and in the product.</summary>
internal sealed record ReplayView
{
    public static IReadOnlyList<Topic> Topics { get; } = [.. Enum.GetValues<Topic>().Where(static topic => topic != Topic.Change)];

    public long Version { get; init; }

    public string Status { get; init; } = "";

    public string Remote { get; init; } = "";

    public bool IsMarked { get; init; }

    public string Cause { get; init; } = "";

    public Phase Phase { get; init; }

    public bool IsPaused { get; init; }

    public int Errors { get; init; }

    public bool IsGivenUp { get; init; }

    public bool HasNote { get; init; }

    public string Told { get; init; } = "";

    public string Slots { get; init; } = "";

    public int Changes { get; init; }

    public string Ci { get; init; } = "";

    public string Workers { get; init; } = "";

    public static ReplayView Of(BuildState state) => new()
    {
        Version = state.Record.Version,
        Status = $"{state.Record.Status}",
        Remote = state.Record.Remote == BuildRecord.None ? "" : $"remote-{state.Record.Remote}",
        IsMarked = state.Record.Mark != 0,
        Cause = $"{state.Record.Cause}",
        Phase = state.Record.Phase,
        IsPaused = state.Record.IsPaused,
        Errors = state.Record.Errors,
        IsGivenUp = state.Record.IsGivenUp,
        HasNote = state.Record.Notes != 0,
        Told = $"{state.Told}",
        Slots = string.Join(' ', Topics.Select(topic => $"{topic}={state.SlotOf(topic)}")),
        Changes = state.Changes,
        Ci = string.Join(' ', new[] { state.Remote0, state.Remote1 }.Where(static remote => remote != Builds.Remote.Absent)),
        Workers = $"{Of(state.First)} {Of(state.Second)}",
    };

    public static ReplayView Of(BuildReading reading, BuildStatus? told) => reading.Build is not { } build ? new() : new()
    {
        Version = build.Version,
        Status = $"{build.Status}",
        Remote = $"{build.RemoteId}",
        IsMarked = build.Bookkeeping.TriggerAttemptedAt is not null,
        Cause = $"{build.CancelCause}",
        Phase = build.Bookkeeping.LastCallEndsAt is not null ? Phase.LastCall : build.Bookkeeping.GraceEndsAt is not null ? Phase.Grace : Phase.Before,
        IsPaused = build.Bookkeeping.NotBefore > reading.Now,
        Errors = build.Bookkeeping.ErrorsInARow,
        IsGivenUp = build.IsGivenUp(),
        HasNote = build.Note?.Contains("also created", StringComparison.Ordinal) == true,
        Told = $"{told}",
    };

    private static string Of(Worker worker) => worker.IsIdle ? "-" : Of($"{worker.Topic}", worker.Call, worker.IsHolder, worker.IsLate);

    public static string Of(ReplayWorker worker) => Of(worker.Message.Name, worker.Call, worker.IsHolder, worker.IsLate);

    public static string Of(string message, Call call, bool isHolder, bool isLate) => $"{message}:{call}{(isHolder ? "" : "(no lease)")}{(isLate ? "(late)" : "")}";
}
