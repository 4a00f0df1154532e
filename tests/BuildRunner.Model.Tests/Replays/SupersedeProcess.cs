using BuildRunner.Model.Builds;
using BuildRunner.Model.Supersede;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>Two callers who submit a build in place of all of a tag. Each is held before it reads again, and before it commits.</summary>
internal sealed class SupersedeProcess : ReplayStage
{
    private const string Tag = "change-1";
    private const string Old = "build-0";

    private static readonly TimeSpan Timeout = TimeSpan.FromDays(100);

    private readonly bool _hasOld;
    private readonly ReplayWorker?[] _callers = new ReplayWorker?[2];

    public SupersedeProcess(TaggedBuild old)
        : this(new(), old)
    {
    }

    private SupersedeProcess(ReplayHook hook, TaggedBuild old)
        : base(hook, new SlotCi(hook), CallOf, static _ => Slot.Due, static _ => { }) => _hasOld = old == TaggedBuild.Open;

    public override async Task<object> ViewAsync()
    {
        var tag = (await Store.ReadDocumentsAsync([DocumentNames.OfTag(Owner, Tag)], CancellationToken.None)).Documents.SingleOrDefault();
        return new SupersedeView(
            await StateOfAsync(Old),
            await StateOfAsync("build-1"),
            await StateOfAsync("build-2"),
            tag?.Version ?? 0,
            string.Join(' ', _callers.Select(static caller => caller?.Call switch { null or Call.Read => 0, Call.Save => 1, _ => 3 })));
    }

    protected override TimeSpan TimeOf(Slot time) => throw new ArgumentException("Nothing waits.", nameof(time));

    protected override async Task DoAsync(string[] words)
    {
        if (_hasOld && await Orchestrator.FindAsync(Old) is null)
        {
            await Orchestrator.SubmitAsync(SubmissionOf(Old, Timeout) with { Tag = Tag });
        }

        await (words switch
        {
            ["caller", var number, "reads"] => ReadAsync(NumberOf(number)),
            ["caller", var number, "creates"] => _callers[NumberOf(number) - 1]!.GoOnAsync(),
            ["the", "old", ..] => EndAsync(),
            _ => throw new ArgumentException($"No step is called '{string.Join(' ', words)}'.", nameof(words)),
        });
    }

    private static Call? CallOf(ReplayWorker worker, ReplayCall call)
    {
        switch (call)
        {
            case ReplayCall.Commit:
                worker.IsAnswered = true;
                return Call.Save;
            case var _ when worker.IsAnswered:
                // Another was faster.
                worker.IsAnswered = false;
                return Call.Read;
            default:
                return null;
        }
    }

    private async Task ReadAsync(int number)
    {
        if (_callers[number - 1] is { } caller)
        {
            await caller.GoOnAsync();
            return;
        }

        var submission = SubmissionOf($"build-{number}", Timeout) with { Tag = Tag, Supersedes = new() { Tag = Tag } };
        _callers[number - 1] = await CallAsync(() => Orchestrator.SubmitAsync(submission));
    }

    private async Task EndAsync()
    {
        var updater = Services.GetRequiredService<BuildUpdater>();
        var old = await Orchestrator.FindAsync(Old);
        var reading = await updater.ReadAsync(old!.Id, default, CancellationToken.None);
        await updater.UpdateAsync(reading, static it => BuildRunner.Orchestration.Step.Save(it.Build! with { Status = BuildStatus.Succeeded }, BuildRunner.Queue.Outcome.Done));
    }

    private async Task<TaggedBuild> StateOfAsync(string key) => await Orchestrator.FindAsync(key) switch
    {
        null => TaggedBuild.Absent,
        { Status: BuildStatus.Succeeded } => TaggedBuild.Ended,
        { CancelCause: BuildCancelCause.Superseded } => TaggedBuild.Superseded,
        _ => TaggedBuild.Open,
    };
}
