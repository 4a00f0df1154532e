using System.Collections.Concurrent;

namespace BuildRunner.Testing;

/// <summary>Holds the builds that a case has triggered, so that they can be stopped when the case ends.</summary>
internal sealed class TriggeredBuilds
{
    private readonly ConcurrentQueue<(IBuildRunner Runner, BuildId BuildId)> _builds = new();
    private readonly ConcurrentQueue<(IBuildRunner Runner, string Key)> _unanswered = new();

    public void Add(IBuildRunner runner, BuildId buildId) => _builds.Enqueue((runner, buildId));

    /// <summary>Records a trigger that may have created a build.</summary>
    public void AddUnanswered(IBuildRunner runner, string key) => _unanswered.Enqueue((runner, key));

    /// <summary>Cancels each build repeatedly until it has ended, as callers do.</summary>
    /// <returns>The builds that were not seen to end.</returns>
    public async Task<IReadOnlyList<BuildId>> StopAsync(ConformanceRun run)
    {
        foreach (var (runner, key) in _unanswered.Distinct())
        {
            await FindAsync(run, runner, key).ConfigureAwait(false);
        }

        List<BuildId> failed = [];
        var left = _builds.Distinct().ToList();
        for (var wait = 0; ; wait++)
        {
            List<(IBuildRunner Runner, BuildId BuildId)> goOn = [];
            foreach (var build in left)
            {
                var hasEnded = run.CancellationToken.IsCancellationRequested
                    ? false
                    : await HasEndedAsync(run, build.Runner, build.BuildId).ConfigureAwait(false);
                switch (hasEnded)
                {
                    case false:
                        goOn.Add(build);
                        break;
                    case null:
                        failed.Add(build.BuildId);
                        break;
                }
            }

            left = goOn;
            if (left.Count == 0 || wait == run.MaxWaits || !await TryWaitAsync(run).ConfigureAwait(false))
            {
                return [.. failed, .. left.Select(static build => build.BuildId)];
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

    private async Task FindAsync(ConformanceRun run, IBuildRunner runner, string key)
    {
        try
        {
            var found = await run.TryAgainAsync(
                () => run.CompleteAsync(
                    () => ConformanceRun.FinderOf(runner).FindAsync(key, run.CancellationToken),
                    "Find"),
                MayPass).ConfigureAwait(false);
            if (found is { IsDefault: false } buildId)
            {
                Add(runner, buildId);
            }
        }
        catch (Exception exception) when (exception is not ConformanceFailureException { EndedEarly: true })
        {
            // Other cases cover Find. A build that cannot be found cannot be stopped or reported.
        }
    }

    /// <summary>Cancels a build, and gets whether it has ended.</summary>
    /// <returns>Whether it has ended, or <see langword="null"/> if the runner does not tell and is not asked again.</returns>
    private static async Task<bool?> HasEndedAsync(ConformanceRun run, IBuildRunner runner, BuildId buildId)
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
                MayPass).ConfigureAwait(false);
            return snapshot?.Status.IsTerminal();
        }
        catch (BuildNotFoundException)
        {
            return true;
        }
        catch (Exception exception) when (exception is not ConformanceFailureException { EndedEarly: true })
        {
            // The case already has its result, and other cases cover Cancel.
            return null;
        }
    }

    private static bool MayPass(BuildRunnerException exception) => exception.IsTransient || exception is BuildRunnerConfigurationException;
}
