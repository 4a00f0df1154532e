using BuildRunner.Model.Builds;
using BuildRunner.Model.Limits;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>One build with three limits. The handling of a message is one step; only a trigger is held in its call.</summary>
internal sealed class LimitProcess : ReplayStage
{
    private static readonly TimeSpan Pending = TimeSpan.FromHours(1);
    private static readonly TimeSpan Run = TimeSpan.FromDays(1);
    private static readonly TimeSpan Total = TimeSpan.FromDays(30);

    private readonly bool _hasPending;
    private readonly ReplayCi _ci;
    private Build? _build;

    public LimitProcess(bool hasPending)
        : this(new(), hasPending)
    {
    }

    private LimitProcess(ReplayHook hook, bool hasPending)
        : this(hook, ReplayCi.Of(hook, finds: true, stops: true), hasPending)
    {
    }

    private LimitProcess(ReplayHook hook, ReplayCi ci, bool hasPending)
        : base(hook, ci, static (_, call) => call == ReplayCall.Create ? Call.Create : null, SlotOf, Configure) => (_ci, _hasPending) = (ci, hasPending);

    private ReplayMessage Trigger => new("Trigger", BuildTopics.TriggerOf(Ci), $"{_build!.Id}");

    private ReplayMessage Deadline => new("Deadline", BuildTopics.Deadline, $"{_build!.Id}");

    public override async Task<object> ViewAsync()
    {
        var control = (await Store.ReadDocumentsAsync([DocumentNames.OfRunner(Ci)], CancellationToken.None)).Documents.SingleOrDefault();
        return LimitView.Of((await Orchestrator.GetAsync(_build!.Id))!) with
        {
            Deadline = Messages.SlotOf(Deadline.Topic, Deadline.Key),
            IsHeld = RunnerControl.Read(control).IsHeld,
        };
    }

    protected override TimeSpan TimeOf(Slot time) => throw new ArgumentException("The limits have names of their own.", nameof(time));

    protected override async Task DoAsync(string[] words)
    {
        _build ??= await Orchestrator.SubmitAsync(SubmissionOf("build-1", Total) with { PendingTimeout = _hasPending ? Pending : null, RunTimeout = Run });
        await (words switch
        {
            ["it", "is", "marked"] => ClaimAsync(0, Trigger),
            ["it", "is", "not", ..] => HandleAsync(Trigger),
            ["its", "id", ..] => AnswerAsync(),
            ["the", "CI", var verb, ..] => RunAsync(verb == "runs" ? Remote.Running : Remote.Succeeded),
            ["it", "is", "polled"] => HandleEarlyAsync(new("Poll", BuildTopics.SignalOf(Ci), $"{_build.Id}")),
            ["the", "runner", ..] => Orchestrator.PauseRunnerAsync(Ci, new() { Holds = true, By = "somebody" }),
            ["the", "hold", ..] => Orchestrator.ResumeRunnerAsync(Ci, "somebody"),
            ["the", var limit, "limit", "passes"] => PassAsync(limit switch { "pending" => Pending, "run" => Run, _ => Total }),
            ["the", "deadline", "looks", ..] => HandleAsync(Deadline),
            ["the", "deadline", "cancels:", _] => CancelAsync(),
            _ => throw new ArgumentException($"No step is called '{string.Join(' ', words)}'.", nameof(words)),
        });
    }

    private static Slot SlotOf(TimeSpan due) => LimitView.SlotOf(due <= TimeSpan.Zero ? Limit.None : due <= Pending ? Limit.Pending : due <= Run ? Limit.Run : Limit.Total);

    private static void Configure(BuildRunnerOptions options)
    {
        options.CallsPerSecond = null;
        options.TriggerTimeout = TimeSpan.FromDays(1);
        options.CallTimeout = TimeSpan.FromDays(1);
        options.Grace = TimeSpan.FromDays(20);
    }

    private async Task AnswerAsync()
    {
        await GoOnAsync(0);
        if (Workers[0] is not null)
        {
            await SettleAsync(0);
        }
    }

    private Task RunAsync(Remote remote)
    {
        _ci.Builds[0] = remote;
        return Task.CompletedTask;
    }

    private async Task PassAsync(TimeSpan limit)
    {
        Time.Advance(limit + TimeSpan.FromSeconds(1));
        if (limit == Total)
        {
            await GiveUpAsync();
        }
    }

    // Before the mark, the message that triggers the build ends it.
    private async Task CancelAsync()
    {
        await HandleAsync(Deadline);
        if ((await Orchestrator.GetAsync(_build!.Id))!.Bookkeeping.TriggerAttemptedAt is null)
        {
            await HandleAsync(Trigger);
        }
    }
}
