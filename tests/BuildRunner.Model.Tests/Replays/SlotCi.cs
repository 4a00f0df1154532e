using BuildRunner.Model.Slots;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The CI of the model of builds in flight as a runner. It has one build for each key.</summary>
internal class SlotCi(ReplayHook hook) : IBuildRunner
{
    private readonly Dictionary<string, AtCi> _builds = new(StringComparer.Ordinal);

    protected ReplayHook Hook => hook;

    public AtCi this[string key]
    {
        get => _builds.GetValueOrDefault(key);
        set => _builds[key] = value;
    }

    public static SlotCi Of(ReplayHook hook, bool finds) => finds ? new Finder(hook) : new SlotCi(hook);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Create);
        _builds.TryAdd(request.TriggerKey!, AtCi.Running);
        Answered();
        return new(request.TriggerKey!);
    }

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Status);
        return new() { Status = this[buildId.Value] == AtCi.Ended ? BuildStatus.Succeeded : BuildStatus.Running };
    }

    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Cancel);
        this[buildId.Value] = AtCi.Ended;
    }

    protected void Answered() => hook.Current?.IsAnswered = true;

    private sealed class Finder(ReplayHook hook) : SlotCi(hook), IBuildFinder
    {
        public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
        {
            await Hook.MeetAsync(ReplayCall.Find);
            if (this[triggerKey] == AtCi.Absent)
            {
                return null;
            }

            Answered();
            return new(triggerKey);
        }
    }
}
