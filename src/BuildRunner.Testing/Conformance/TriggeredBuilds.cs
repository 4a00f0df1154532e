using System.Collections.Concurrent;

namespace BuildRunner.Testing;

/// <summary>What a case has triggered, so that nothing of it goes on when the case has ended.</summary>
internal sealed class TriggeredBuilds
{
    private readonly ConcurrentQueue<(IBuildRunner Runner, BuildId BuildId)> _builds = new();

    public void Add(IBuildRunner runner, BuildId buildId) => _builds.Enqueue((runner, buildId));

    /// <summary>Cancels each build, as a caller does: again and again, until it has ended.</summary>
    /// <returns>Those that go on all the same.</returns>
    public async Task<IReadOnlyList<BuildId>> StopAsync(ConformanceRun run)
    {
        var left = _builds.Distinct().ToList();
        for (var wait = 0; ; wait++)
        {
            List<(IBuildRunner Runner, BuildId BuildId)> goOn = [];
            foreach (var build in left)
            {
                if (run.CancellationToken.IsCancellationRequested || await GoesOnAsync(run, build.Runner, build.BuildId).ConfigureAwait(false))
                {
                    goOn.Add(build);
                }
            }

            left = goOn;
            if (left.Count == 0 || wait == run.MaxWaits || !await TryWaitAsync(run).ConfigureAwait(false))
            {
                return [.. left.Select(static build => build.BuildId)];
            }
        }
    }

    private static async Task<bool> TryWaitAsync(ConformanceRun run)
    {
        try
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            await run.Harness.WaitAsync(run.CancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> GoesOnAsync(ConformanceRun run, IBuildRunner runner, BuildId buildId)
    {
        try
        {
            var snapshot = await run.TryAgainAsync(
                () => run.CompleteAsync(
                    async () =>
                    {
                        await runner.CancelAsync(buildId, run.CancellationToken).ConfigureAwait(false);
                        return await runner.StatusAsync(buildId, run.CancellationToken).ConfigureAwait(false);
                    },
                    "Cancel"),
                static exception => exception.IsTransient || exception is BuildRunnerConfigurationException).ConfigureAwait(false);
            return snapshot?.Status.IsTerminal() == false;
        }
        catch (ConformanceFailureException failure) when (failure.EndedEarly)
        {
            throw;
        }
        catch (Exception)
        {
            // What the runner throws now is not the case's any more, which has its result; there are cases of Cancel.
            return run.CancellationToken.IsCancellationRequested;
        }
    }
}
