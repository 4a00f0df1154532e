using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of a build in attempts can be seen in the model and in the product. Of one that has ended, only how.</summary>
internal sealed record AttemptView
{
    public int Attempt { get; init; }

    public string Status { get; init; } = "";

    public string Remote { get; init; } = "";

    public bool IsMarked { get; init; }

    public string Cause { get; init; } = "";

    public bool IsPaused { get; init; }

    public Settling Settling { get; init; }

    public string Told { get; init; } = "";

    public string Slots { get; init; } = "";

    public int Changes { get; init; }

    public int Spent { get; init; }

    public string Ci { get; init; } = "";

    public string Workers { get; init; } = "";

    public static AttemptView Of(AttemptState state) => Masked(new()
    {
        Attempt = state.Record.Attempt,
        Status = $"{state.Record.Status}",
        Remote = state.Record.Remote < 0 ? "" : $"{AttemptCi.IdOf(state.Record.Remote)}",
        IsMarked = state.Record.Mark != 0,
        Cause = $"{state.Record.Cause}",
        IsPaused = state.Record.IsPaused,
        Settling = state.Record.Settling,
        Told = $"{state.Told}",
        Slots = $"Trigger={state.Trigger} Poll={state.Poll} Signal={state.Signal} Letter={state.Letter}",
        Changes = state.Changes,
        Spent = state.Spent,
        Ci = string.Join(' ', state.Ci),
        Workers = $"{Of(state.First)} {Of(state.Second)}",
    });

    public static AttemptView Of(BuildReading reading)
    {
        var (build, now) = (reading.Build!, reading.Now);
        return Masked(new()
        {
            Attempt = build.Attempt,
            Status = $"{build.Status}",
            Remote = $"{build.RemoteId}",
            IsMarked = build.Bookkeeping.TriggerAttemptedAt is not null,
            Cause = $"{build.CancelCause}",
            IsPaused = build.Bookkeeping.NotBefore > now,
            Settling = build.Bookkeeping.SettledAt is not { } settledAt ? Settling.None : settledAt > now ? Settling.Waiting : Settling.Over,
        });
    }

    public static string Of(ReplayWorker worker) => ReplayView.Of(worker);

    private static AttemptView Masked(AttemptView view) =>
        view.Status is "Accepted" or "Running" ? view : view with { IsMarked = false, IsPaused = false, Settling = Settling.None };

    private static string Of(AttemptWorker worker) => worker.Call == Call.None ? "-" : ReplayView.Of($"{worker.Topic}", worker.Call, worker.IsHolder, worker.IsLate);
}
