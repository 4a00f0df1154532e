using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Testing.Tests;

/// <summary>A fake on a clock that stands still.</summary>
public abstract class FakeTestBase
{
    protected static readonly Change First = new("git://host/repo/refs%2Fheads%2Fone/1");
    protected static readonly Change Second = new("git://host/repo/refs%2Fheads%2Ftwo/2");
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    protected static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    protected FakeTestBase() => Runner = new FakeBuildRunner(Clock);

    protected FakeTimeProvider Clock { get; } = new();

    protected FakeBuildRunner Runner { get; }

    protected static BuildRequest Keyed(string key) => new() { Head = [First], TriggerKey = key };

    protected Task<BuildId> TriggerAsync() => Runner.TriggerAsync([], [First]);

    protected Task<BuildId> TriggerAsync(FakeBuild build)
    {
        Runner.NextBuild(build);
        return TriggerAsync();
    }

    protected async Task<BuildStatus> StatusAsync(BuildId buildId) => (await Runner.StatusAsync(buildId)).Status;

    /// <summary>Gets the status after each of these times, counted from now.</summary>
    protected async Task<IReadOnlyList<BuildStatus>> StatusesAsync(BuildId buildId, params TimeSpan[] times)
    {
        List<BuildStatus> statuses = [];
        var passed = TimeSpan.Zero;
        foreach (var time in times)
        {
            Clock.Advance(time - passed);
            passed = time;
            statuses.Add(await StatusAsync(buildId));
        }

        return statuses;
    }
}
