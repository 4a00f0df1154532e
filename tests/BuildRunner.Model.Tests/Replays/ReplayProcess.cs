using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using Topic = BuildRunner.Model.Builds.Topic;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>One build from its submission to the last word to its owner. Handlers are held before each call.</summary>
internal sealed class ReplayProcess : ReplayStage
{
    private readonly ReplayCi _ci;
    private Build? _build;

    public ReplayProcess(bool finds, bool stops)
        : this(new(), finds, stops)
    {
    }

    private ReplayProcess(ReplayHook hook, bool finds, bool stops)
        : this(hook, ReplayCi.Of(hook, finds, stops))
    {
    }

    private ReplayProcess(ReplayHook hook, ReplayCi ci)
        : base(hook, ci, static (_, call) => CallOf(call), ReplayTimes.SlotOf, ReplayTimes.Configure) => _ci = ci;

    public override async Task<object> ViewAsync()
    {
        var reading = await Store.ReadAsync(_build!.Id, CancellationToken.None);
        return ReplayView.Of(reading, Told.Told) with
        {
            Slots = string.Join(' ', ReplayView.Topics.Select(topic => $"{topic}={Messages.SlotOf(MessageOf(topic).Topic, MessageOf(topic).Key)}")),
            Changes = Changes,
            Ci = string.Join(' ', _ci.Builds),
            Workers = WorkersAs(ReplayView.Of),
        };
    }

    protected override TimeSpan TimeOf(Slot time) => ReplayTimes.Of(time);

    protected override Task DoAsync(string[] words) => words switch
    {
        ["a", "caller", "submits"] => SubmitAsync(),
        ["a", "caller", "cancels"] => Orchestrator.CancelAsync(_build!.Id),
        ["a", "webhook", "signals"] => Orchestrator.SignalAsync(Ci, ReplayCi.IdOf(_ci.Builds.Count - 1)),
        ["build", var number, var verb] => RunAsync(NumberOf(number), verb == "runs" ? Remote.Running : Remote.Succeeded),
        [var topic, "becomes", ..] => MoveToDeadLettersAsync(MessageOf(Enum.Parse<Topic>(topic))),
        [var who, "claims", var topic] => ClaimAsync(IndexOf(who), MessageOf(Enum.Parse<Topic>(topic))),
        ["one" or "two", ..] => GoOnAsync(words),
        _ => throw new ArgumentException($"No step is called '{string.Join(' ', words)}'.", nameof(words)),
    };

    private static Call? CallOf(ReplayCall call) => call switch
    {
        ReplayCall.Read => Call.Read,
        ReplayCall.Save or ReplayCall.SaveGuarded or ReplayCall.Commit => Call.Save,
        ReplayCall.Create => Call.Create,
        ReplayCall.Find => Call.Find,
        ReplayCall.Status => Call.Status,
        ReplayCall.Cancel => Call.Cancel,
        _ => null,
    };

    private ReplayMessage MessageOf(Topic topic) => new($"{topic}", NameOf(topic), topic == Topic.Signal ? $"{_build!.Id}/signal" : $"{_build!.Id}");

    private static string NameOf(Topic topic) => topic switch
    {
        Topic.Trigger => BuildTopics.TriggerOf(Ci),
        Topic.Poll or Topic.Signal => BuildTopics.SignalOf(Ci),
        Topic.Deadline => BuildTopics.Deadline,
        Topic.TriggerLetter => Queue.Topic.DeadLettersOf(BuildTopics.TriggerOf(Ci)),
        _ => Queue.Topic.DeadLettersOf(BuildTopics.SignalOf(Ci)),
    };

    private async Task SubmitAsync() => _build = await Orchestrator.SubmitAsync(SubmissionOf("build-1", ReplayTimes.Timeout));

    private Task RunAsync(int number, Remote remote)
    {
        _ci.Builds[number] = remote;
        return Task.CompletedTask;
    }

    private Task GoOnAsync(string[] words)
    {
        _ci.Next = words switch
        {
            [.., "lost"] => new TriggerOutcomeUnknownException("lost"),
            [.., "vain"] => new BuildRunnerException("away") { IsTransient = true },
            _ => null,
        };
        return GoOnAsync(IndexOf(words[0]));
    }
}
