using System.Globalization;
using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Removes expired builds periodically. Other processes may do the same concurrently.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class StateSweep(GitBuildState state, GitBuildRunnerOptions options, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromDays(1);

    private long? _lastRun;

    /// <summary>Gets the task that may continue after <see cref="RunIfDue"/> returned.</summary>
    public Task Pruning { get; private set; } = Task.CompletedTask;

    /// <summary>Removes expired builds if the last time was long enough ago. Not thread-safe.</summary>
    public void RunIfDue(CancellationToken stopToken)
    {
        if (_lastRun is { } last && timeProvider.GetElapsedTime(last) < Period)
        {
            return;
        }

        _lastRun = timeProvider.GetTimestamp();
        ScratchDirectory.Sweep(state.Layout.Scratch);
        foreach (var left in LeftWorkTrees.Find(state.Layout.Work))
        {
            LeftWorkTrees.TryDelete(left, stopToken);
        }

        foreach (var id in state.Store.Ids())
        {
            Sweep(id);
        }

        if (Pruning.IsCompleted && IsPruneDue())
        {
            // Not awaited: git may have a long history to walk.
            Pruning = PruneAsync(stopToken);
        }
    }

    private void Sweep(string id)
    {
        try
        {
            if (state.Store.IsOld(id))
            {
                // The build last: as long as it exists, the rest is found again.
                state.Repository.Forget(id);
                state.Store.Forget(id);
            }
            else
            {
                state.Store.Queue.Requeue(id);
            }
        }
        catch (Exception exception)
        {
            // A build may have damaged its files, which must not affect other builds.
            LogNotRemoved(exception, id);
        }
    }

    private bool IsPruneDue()
    {
        var now = timeProvider.GetUtcNow();
        var isKnown = File.Exists(state.Layout.Pruned);
        var isDue = isKnown
            && !(DateTimeOffset.TryParse(
                File.ReadAllText(state.Layout.Pruned), CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
                && (now - last).Duration() < PrunePeriod);
        if (isDue || !isKnown)
        {
            // Before pruning, so that other processes do not start too. The first time, nothing is old enough yet.
            GitDirectory.Replace(state.Layout.Pruned, now.ToString("O", CultureInfo.InvariantCulture), state.Store.Scratch.NewPath);
        }

        return isDue;
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Nothing refers to the objects of a build until all of them exist, which takes no longer than a build may run. Objects that
            // are created again become young again.
            await state.Repository.PruneAsync(options.Timeout + PrunePeriod, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is GitException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            LogNotPruned(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not remove the files of build {BuildId}; will retry")]
    private partial void LogNotRemoved(Exception exception, string buildId);

    [LoggerMessage(LogLevel.Warning, "Could not prune the private repository; will retry")]
    private partial void LogNotPruned(Exception exception);
}
