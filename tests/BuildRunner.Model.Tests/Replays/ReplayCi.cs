using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The CI of the model as a runner. It creates one build for a key if it can look up by it, and another at each call if not.</summary>
internal class ReplayCi(ReplayHook hook, bool stops) : IBuildRunner
{
    /// <summary>Gets the builds, in the order of their creation.</summary>
    public List<Remote> Builds { get; } = [];

    /// <summary>Gets or sets what the next call throws, after it was done if a build may have been created.</summary>
    public BuildRunnerException? Next { get; set; }

    protected ReplayHook Hook => hook;

    public static BuildId IdOf(int number) => new($"remote-{number}");

    public static int NumberOf(BuildId id) => int.Parse(id.Value["remote-".Length..], System.Globalization.CultureInfo.InvariantCulture);

    public static ReplayCi Of(ReplayHook hook, bool finds, bool stops) => finds ? new Finder(hook, stops) : new ReplayCi(hook, stops);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Create);
        if (Next is not (null or TriggerOutcomeUnknownException))
        {
            throw Take();
        }

        if (Builds.Count == 0 || this is not Finder)
        {
            Builds.Add(Remote.Accepted);
        }

        return Next is null ? IdOf(Builds.Count - 1) : throw Take();
    }

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Status);
        return Next is not null ? throw Take() : new BuildSnapshot
        {
            Status = Builds[NumberOf(buildId)] switch
            {
                Remote.Accepted => BuildStatus.Accepted,
                Remote.Running => BuildStatus.Running,
                Remote.Succeeded => BuildStatus.Succeeded,
                _ => BuildStatus.Cancelled,
            },
        };
    }

    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Cancel);
        var number = NumberOf(buildId);
        if (stops && Builds[number] is Remote.Accepted or Remote.Running)
        {
            Builds[number] = Remote.Cancelled;
        }
    }

    private BuildRunnerException Take()
    {
        var next = Next!;
        Next = null;
        return next;
    }

    private sealed class Finder(ReplayHook hook, bool stops) : ReplayCi(hook, stops), IBuildFinder
    {
        public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
        {
            await Hook.MeetAsync(ReplayCall.Find);
            return Builds.Count > 0 ? IdOf(0) : null;
        }
    }
}
