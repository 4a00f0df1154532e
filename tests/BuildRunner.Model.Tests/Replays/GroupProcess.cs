using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>A group. Its handler is held before it reads the members, before it cancels them, and before it saves.</summary>
internal sealed class GroupProcess : ReplayStage
{
    private const string Key = "group-1";

    private static readonly TimeSpan Timeout = TimeSpan.FromDays(100);
    private static readonly ReplayMessage Group = new("group", BuildTopics.Group, Key);

    private readonly Items<Member> _members;
    private readonly bool _failsFast;
    private BuildGroup? _group;

    public GroupProcess(Items<Member> members, bool failsFast)
        : this(new(), members, failsFast)
    {
    }

    private GroupProcess(ReplayHook hook, Items<Member> members, bool failsFast)
        : base(hook, new SlotCi(hook), CallOf, static due => due <= TimeSpan.Zero ? Slot.Due : Slot.Pause, static _ => { }) => (_members, _failsFast) = (members, failsFast);

    public override async Task<object> ViewAsync()
    {
        var group = (await Orchestrator.GetGroupAsync(Key))!;
        List<string> members = [];
        foreach (var member in group.Members)
        {
            var build = (await Orchestrator.GetAsync(member.BuildId))!;
            members.Add(GroupView.Of(new Member(member.IsRequired, Enum.Parse<Status>($"{build.Status}"), build.CancelCause != BuildCancelCause.None, member.Outcome is not null)));
        }

        return new GroupView
        {
            Members = string.Join(' ', members),
            Verdict = group.EndedAt is null ? "" : $"{group.Status}",
            IsCancelling = group.IsCancelled,
            Message = Messages.SlotOf(Group.Topic, Group.Key),
            Verdicts = Messages.CountOf(BuildTopics.Change, Owner, "group/"),
            Workers = WorkersAs(ReplayView.Of),
        };
    }

    protected override TimeSpan TimeOf(Slot time) => throw new ArgumentException("No message of a group waits.", nameof(time));

    protected override async Task DoAsync(string[] words)
    {
        _group ??= await SubmitAsync();
        await (words switch
        {
            ["a", "caller", ..] => Orchestrator.CancelGroupAsync(Key),
            ["member", var number, var verb] => EndAsync(NumberOf(number), verb == "succeeds" ? BuildStatus.Succeeded : BuildStatus.Failed),
            [var who, "takes", ..] => ClaimAsync(IndexOf(who), Group),
            ["one" or "two", ..] => GoOnAsync(IndexOf(words[0])),
            _ => throw new ArgumentException($"No step is called '{string.Join(' ', words)}'.", nameof(words)),
        });
    }

    // All members are cancelled in one step.
    private static Call? CallOf(ReplayWorker worker, ReplayCall call)
    {
        switch (call)
        {
            case ReplayCall.ReadAll:
                worker.IsAnswered = true;
                return Call.Read;
            case ReplayCall.Read when worker.IsAnswered:
                worker.IsAnswered = false;
                return Call.Cancel;
            case ReplayCall.Commit:
                worker.IsAnswered = false;
                return Call.Save;
            default:
                return null;
        }
    }

    private Task<BuildGroup> SubmitAsync()
    {
        List<(Member Member, BuildSubmission Submission)> members = [.. _members.Select((member, number) => (member, SubmissionOf($"build-{number}", Timeout)))];
        return Orchestrator.SubmitGroupAsync(new()
        {
            Key = Key,
            FailFast = _failsFast,
            Required = [.. members.Where(static pair => pair.Member.IsRequired).Select(static pair => pair.Submission)],
            Optional = [.. members.Where(static pair => !pair.Member.IsRequired).Select(static pair => pair.Submission)],
        });
    }

    // How a build comes to its end is replayed elsewhere.
    private async Task EndAsync(int number, BuildStatus status)
    {
        var updater = Services.GetRequiredService<BuildUpdater>();
        var reading = await updater.ReadAsync(_group!.Members[number].BuildId, default, CancellationToken.None);
        await updater.UpdateAsync(reading, it => BuildRunner.Orchestration.Step.Save(it.Build! with { Status = status }, BuildRunner.Queue.Outcome.Done));
    }
}
