using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using Topic = BuildRunner.Model.Builds.Topic;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>One build in attempts. A handler is held before each call of the runner, and once after its answer: the save after it, whatever it reads and decides again, is one step.</summary>
internal sealed class AttemptProcess : ReplayStage
{
    private const int MaxAttempts = 3;
    private const int Budget = 2;
    private const string Letter = "Letter";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(150);

    private readonly AttemptCi _ci;
    private Build? _build;
    private ReplayMessage? _letter;

    public AttemptProcess(bool finds)
        : this(new(), finds)
    {
    }

    private AttemptProcess(ReplayHook hook, bool finds)
        : this(hook, AttemptCi.Of(hook, finds))
    {
    }

    private AttemptProcess(ReplayHook hook, AttemptCi ci)
        : base(hook, ci, CallOf, SlotOf, Configure) => _ci = ci;

    public override async Task<object> ViewAsync()
    {
        var reading = await Store.ReadAsync(_build!.Id, CancellationToken.None);
        _build = reading.Build!;
        var (name, document) = await BudgetAsync();
        return AttemptView.Of(reading) with
        {
            Told = $"{Told.Told}",
            Slots = $"Trigger={SlotOf(MessageOf(Topic.Trigger))} Poll={SlotOf(MessageOf(Topic.Poll))} Signal={SlotOf(MessageOf(Topic.Signal))} Letter={(_letter is { } letter ? SlotOf(letter) : Slot.Absent)}",
            Changes = Changes,
            Spent = RetryBudget.Read(document).SpentAt(reading.Now),
            Ci = string.Join(' ', _ci.Builds),
            Workers = WorkersAs(AttemptView.Of),
        };
    }

    protected override TimeSpan TimeOf(Slot time) => time == Slot.Pause ? Pause : Settling;

    protected override async Task DoAsync(string[] words)
    {
        _build ??= await Orchestrator.SubmitAsync(SubmissionOf("build-1", TimeSpan.FromDays(100)));
        await (words switch
        {
            ["a", "caller", "cancels"] => Orchestrator.CancelAsync(_build.Id),
            ["a", "webhook", "signals"] => SignalAsync(),
            ["another", ..] => SpendAsync(),
            ["build", var number, .. var verb] => RunAsync(NumberOf(number), verb),
            [var topic, "becomes", ..] => BuryAsync(Enum.Parse<Topic>(topic)),
            [var who, "takes", var topic] => ClaimAsync(IndexOf(who), MessageOf(Enum.Parse<Topic>(topic))),
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
            case ReplayCall.Find:
                return Call.Find;
            case ReplayCall.Status:
                return Call.Status;
            case ReplayCall.Cancel:
                // A superfluous build is cancelled in the step that saves it. A dead letter saves the end after it.
                worker.IsAnswered |= worker.Message.Name.EndsWith(Letter, StringComparison.Ordinal);
                return worker.Message.Name == $"{Topic.Trigger}" ? null : Call.Cancel;
            case var _ when worker.IsAnswered:
                worker.IsAnswered = false;
                return Call.Save;
            default:
                return null;
        }
    }

    private static Slot SlotOf(TimeSpan due) => due <= TimeSpan.Zero ? Slot.Due : due <= Pause ? Slot.Pause : Slot.Settling;

    // What is spent of the budget comes back after an hour, to which no walk comes near.
    private static void Configure(BuildRunnerOptions options)
    {
        options.CallsPerSecond = null;
        options.TriggerTimeout = TimeSpan.FromMinutes(1);
        options.CallTimeout = TimeSpan.FromDays(1);
        options.AcceptedPollDelay = TimeSpan.FromMinutes(2);
        options.RunningPollDelay = Pause / 2;
        options.SettleDelay = TimeSpan.FromMinutes(2);
        options.Retry = new() { MaxAttempts = MaxAttempts, BudgetPerHour = Budget, Delay = Pause, MaxDelay = Pause };
    }

    private ReplayMessage MessageOf(Topic topic)
    {
        var (id, attempt) = (_build!.Id, _build.Attempt == 1 ? "" : $"/{_build.Attempt}");
        return topic switch
        {
            Topic.Trigger => new($"{topic}", BuildTopics.TriggerOf(Ci), $"{id}{attempt}"),
            Topic.Poll => new($"{topic}", BuildTopics.SignalOf(Ci), $"{id}{attempt}"),
            Topic.Signal => new($"{topic}", BuildTopics.SignalOf(Ci), $"{id}/signal"),
            _ => _letter!.Value,
        };
    }

    private Slot SlotOf(ReplayMessage message) => Messages.SlotOf(message.Topic, message.Key);

    private Task BuryAsync(Topic topic)
    {
        var message = MessageOf(topic);
        _letter = new($"{message.Name}{Letter}", Queue.Topic.DeadLettersOf(message.Topic), message.Key);
        return MoveToDeadLettersAsync(message);
    }

    private async Task SignalAsync()
    {
        var build = await Orchestrator.GetAsync(_build!.Id);
        await Orchestrator.SignalAsync(Ci, build!.RemoteId!.Value);
    }

    private Task RunAsync(int number, string[] verb)
    {
        _ci.Builds[number] = _ci.Builds[number] with
        {
            Status = verb switch
            {
                ["succeeds"] => CiStatus.Succeeded,
                ["runs", "again"] => CiStatus.Running,
                [.., "CI"] => CiStatus.Infra,
                [.., "while"] => CiStatus.Stopped,
                _ => CiStatus.Cancelled,
            },
        };
        return Task.CompletedTask;
    }

    private async Task<(string Name, BuildDocument? Document)> BudgetAsync()
    {
        var name = DocumentNames.OfBudget(Ci, Owner);
        return (name, (await Store.ReadDocumentsAsync([name], CancellationToken.None)).Documents.SingleOrDefault());
    }

    private async Task SpendAsync()
    {
        var (name, document) = await BudgetAsync();
        (await Store.TryCommitAsync(new() { Documents = [RetryBudget.Read(document).Spend(name, document, Time.GetUtcNow())] }, CancellationToken.None)).Should().BeTrue();
    }
}
