using System.Globalization;
using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Removes what is no longer kept, now and then, whichever processes do the same.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class StateSweep(GitBuildState state, GitBuildRunnerOptions options, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromDays(1);

    private long? _lastRun;

    /// <summary>Gets what goes on after <see cref="RunIfDue"/> has returned.</summary>
    public Task Pruning { get; private set; } = Task.CompletedTask;

    /// <summary>Removes what is old, if that was long ago or never. For one thread.</summary>
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
            // Not waited for: git may have a long history to go through.
            Pruning = PruneAsync(stopToken);
        }
    }

    private void Sweep(string id)
    {
        try
        {
            if (state.Store.IsOld(id))
            {
                // The build last: as long as it is there the rest is found again.
                state.Repository.Forget(id);
                state.Store.Forget(id);
            }
            else
            {
                state.Store.Requeue(id);
            }
        }
        catch (Exception exception)
        {
            // Whatever a build has made of it: it must not keep other builds from being run or removed.
            LogNotRemoved(exception, id);
        }
    }

    private bool IsPruneDue()
    {
        var now = timeProvider.GetUtcNow();
        var isDue = File.Exists(state.Layout.Pruned)
            && !(DateTimeOffset.TryParse(File.ReadAllText(state.Layout.Pruned), CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) && (now - last).Duration() < PrunePeriod);
        if (isDue || !File.Exists(state.Layout.Pruned))
        {
            // Before it is done, so that other processes do not begin as well. Where it has never been done nothing is old enough.
            GitDirectory.Replace(state.Layout.Pruned, now.ToString("O", CultureInfo.InvariantCulture), state.Store.Scratch.NewPath);
        }

        return isDue;
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            // What a build makes is held by nothing until it is all made, which takes it no longer than a build may run; what it makes anew that is there already becomes young again.
            await state.Repository.PruneAsync(options.Timeout + PrunePeriod, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            LogNotPruned(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What is left of build {BuildId} could not be removed")]
    private partial void LogNotRemoved(Exception exception, string buildId);

    [LoggerMessage(LogLevel.Warning, "The private repository could not be pruned")]
    private partial void LogNotPruned(Exception exception);
}
