using BuildRunner.Model.Builds;
using BuildRunner.Model.Slots;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>A runner that may have one build at a time. A handler is held before its mark, its calls, and the save of an answer; the one that lets builds in before it counts and before it commits.</summary>
internal sealed class SlotProcess : ReplayStage
{
    // A dispatch looks again after a minute at the latest.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(61);
    private static readonly TimeSpan Settling = TimeSpan.FromHours(2.1);

    private readonly SlotCi _ci;
    private readonly List<Build> _builds = [];
    private readonly int _count;
    private ReplayWorker? _caller;
    private RunnerPause? _pause;

    public SlotProcess(int builds, bool finds)
        : this(new(), builds, finds)
    {
    }

    private SlotProcess(ReplayHook hook, int builds, bool finds)
        : this(hook, SlotCi.Of(hook, finds), builds)
    {
    }

    private SlotProcess(ReplayHook hook, SlotCi ci, int builds)
        : base(hook, ci, CallOf, SlotOf, Configure) => (_ci, _count) = (ci, builds);

    // A commit is made in a turn of its process.
    protected override bool HasProcesses => true;

    private static ReplayMessage Dispatch => new("dispatch", BuildTopics.DispatchOf(Ci), Ci);

    public override async Task<object> ViewAsync()
    {
        List<string> builds = [];
        foreach (var build in _builds)
        {
            builds.Add(Of((await Store.ReadAsync(build.Id, CancellationToken.None)).Build!));
        }

        var control = (await Store.ReadDocumentsAsync([DocumentNames.OfRunner(Ci)], CancellationToken.None)).Documents.SingleOrDefault();
        return new SlotView
        {
            Builds = string.Join(' ', builds),
            Dispatch = Messages.SlotOf(Dispatch.Topic, Dispatch.Key),
            IsHeld = RunnerControl.Read(control).IsHeld,
            IsRefusing = RunnerControl.Read(control).Pause is { Refuses: true },
            IsSubmitting = _caller is { Call: Call.Publish },
            Workers = WorkersAs(ReplayView.Of),
        };
    }

    protected override TimeSpan TimeOf(Slot time) => time == Slot.Pause ? Pause : Settling;

    protected override async Task DoAsync(string[] words)
    {
        while (_builds.Count < _count)
        {
            await SubmitAsync();
        }

        await (words switch
        {
            ["a", "caller", "cancels", _, var number] => Orchestrator.CancelAsync(_builds[NumberOf(number)].Id),
            ["a", "caller", "reads", ..] => BeginSubmitAsync(),
            ["a", "caller", "submits"] => _caller!.GoOnAsync(),
            ["a", "caller", "is", "refused"] => RefuseAsync(),
            ["the", "runner", "refuses"] => SetAsync(static pause => pause with { Refuses = true }),
            ["the", "runner", "is", "held"] => SetAsync(static pause => pause with { Holds = true }),
            ["the", "hold", ..] => SetAsync(static pause => pause with { Holds = false }),
            ["build", var number, "ends", ..] => EndAsync(NumberOf(number)),
            ["build", var number, "is", "polled"] => HandleEarlyAsync(new("poll", BuildTopics.SignalOf(Ci), $"{_builds[NumberOf(number)].Id}")),
            [var who, "takes", "the", "dispatch"] => ClaimAsync(IndexOf(who), Dispatch),
            [var who, "takes", _, var number] => ClaimAsync(IndexOf(who), MessageOf(NumberOf(number))),
            ["one" or "two", ..] => GoOnAsync(IndexOf(words[0])),
            _ => throw new ArgumentException($"No step is called '{string.Join(' ', words)}'.", nameof(words)),
        });
    }

    private static Call? CallOf(ReplayWorker worker, ReplayCall call)
    {
        switch (call)
        {
            case ReplayCall.Create:
                return Call.Create;
            case ReplayCall.Find or ReplayCall.ReadLine:
                return Call.Find;
            case ReplayCall.SaveGuarded or ReplayCall.Commit:
                return Call.Save;
            case ReplayCall.Insert:
                return Call.Publish;
            case var _ when worker.IsAnswered:
                worker.IsAnswered = false;
                return Call.Read;
            default:
                return null;
        }
    }

    private static Slot SlotOf(TimeSpan due) => due <= TimeSpan.Zero ? Slot.Due : due <= Pause ? Slot.Pause : Slot.Settling;

    private static void Configure(BuildRunnerOptions options)
    {
        options.CallsPerSecond = null;
        options.TriggerTimeout = TimeSpan.FromHours(1);
        options.CallTimeout = TimeSpan.FromDays(1);
        options.Grace = TimeSpan.FromDays(30);
        options.MaxInFlight = 1;
        options.PriorityAgeing = TimeSpan.FromDays(30);
    }

    private ReplayMessage MessageOf(int number) => new($"build {number}", BuildTopics.TriggerOf(Ci), $"{_builds[number].Id}");

    private string Of(Build build) => SlotView.Of(
        new()
        {
            Trigger = Messages.SlotOf(BuildTopics.TriggerOf(Ci), $"{build.Id}"),
            AtCi = _ci[$"{build.Id}"],
            IsInLine = build.Bookkeeping.Line is not null,
            HasSlot = build.Bookkeeping.SlotSince is not null,
            HasId = build.RemoteId is not null,
            IsCancelling = build.CancelCause != BuildCancelCause.None,
            IsEnded = build.Status.IsTerminal(),
        },
        build.Bookkeeping.TriggerAttemptedAt is not null);

    // Ids are in the order of their times.
    private async Task SubmitAsync()
    {
        Time.Advance(TimeSpan.FromMilliseconds(1));
        _builds.Add(await Orchestrator.SubmitAsync(SubmissionOf($"build-{_builds.Count}", TimeSpan.FromDays(365))));
    }

    private async Task BeginSubmitAsync() => _caller = await CallAsync(SubmitAsync);

    private async Task RefuseAsync() => await FluentActions.Awaiting(SubmitAsync).Should().ThrowAsync<RunnerRefusesException>();

    private async Task SetAsync(Func<RunnerPause, RunnerPause> change)
    {
        var changed = change(_pause ?? new() { By = "somebody" });
        _pause = changed is { Holds: false, Refuses: false } ? null : changed;
        await (_pause is { } pause ? Orchestrator.PauseRunnerAsync(Ci, pause) : Orchestrator.ResumeRunnerAsync(Ci, "somebody"));
    }

    private Task EndAsync(int number)
    {
        _ci[$"{_builds[number].Id}"] = AtCi.Ended;
        return Task.CompletedTask;
    }
}
