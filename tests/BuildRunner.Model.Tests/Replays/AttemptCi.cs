using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The CI of the model of attempts as a runner. It has a build for each trigger key, or for each call if it cannot look up.</summary>
internal class AttemptCi(ReplayHook hook) : IBuildRunner
{
    /// <summary>Gets the builds, in the order of their creation.</summary>
    public List<CiBuild> Builds { get; } = [];

    protected ReplayHook Hook => hook;

    public static AttemptCi Of(ReplayHook hook, bool finds) => finds ? new Finder(hook) : new AttemptCi(hook);

    public static BuildId IdOf(int number) => ReplayCi.IdOf(number);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Create);
        var number = this is Finder ? IndexOf(request.TriggerKey!) : -1;
        if (number < 0)
        {
            number = Builds.Count;
            Builds.Add(new(AttemptOf(request.TriggerKey!), CiStatus.Running));
        }

        Answered();
        return IdOf(number);
    }

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Status);
        Answered();
        return Builds[ReplayCi.NumberOf(buildId)].Status switch
        {
            CiStatus.Running => new() { Status = BuildStatus.Running },
            CiStatus.Succeeded => new() { Status = BuildStatus.Succeeded },
            CiStatus.Infra => new() { Status = BuildStatus.Failed, Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)] },
            _ => new() { Status = BuildStatus.Cancelled },
        };
    }

    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        await hook.MeetAsync(ReplayCall.Cancel);
        var number = ReplayCi.NumberOf(buildId);
        Builds[number] = Builds[number].Status is CiStatus.Running or CiStatus.Stopped ? Builds[number] with { Status = CiStatus.Cancelled } : Builds[number];
    }

    protected void Answered() => hook.Current?.IsAnswered = true;

    protected int IndexOf(string key) => Builds.FindIndex(build => build.Attempt == AttemptOf(key));

    // That of the first attempt is an id.
    private static byte AttemptOf(string key) => Guid.TryParse(key, out _) ? (byte)1 : byte.Parse(key[(key.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Finder(ReplayHook hook) : AttemptCi(hook), IBuildFinder
    {
        public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
        {
            await Hook.MeetAsync(ReplayCall.Find);
            var number = IndexOf(triggerKey);
            if (number < 0)
            {
                return null;
            }

            Answered();
            return IdOf(number);
        }
    }
}
