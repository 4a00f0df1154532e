using System.Runtime.Versioning;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Runs a claimed build and saves its result, retrying until that succeeds.</summary>
/// <param name="state">The state directory.</param>
/// <param name="room">The room on its disk.</param>
/// <param name="options">The options.</param>
/// <param name="retryDelay">The first delay before the result is saved again.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The logger.</param>
/// <param name="reached">Called at each step.</param>
[SupportedOSPlatform("linux")]
internal sealed partial class BuildRun(
    GitBuildState state,
    DiskRoom room,
    GitBuildRunnerOptions options,
    TimeSpan retryDelay,
    TimeProvider timeProvider,
    ILogger logger,
    StepReached? reached)
{
    /// <param name="running">The build.</param>
    /// <param name="record">What to build.</param>
    /// <param name="leaveRoom">Called when the build no longer runs anything.</param>
    /// <param name="stopping">Stops the run and returns the build to the queue.</param>
    public async Task RunAsync(RunningBuild running, BuildRecord record, Action leaveRoom, CancellationToken stopping)
    {
        GitBuildExecution execution = new(running.Build.Id, record, state, room, options, timeProvider, reached);
        if (await DecideAsync(running, execution, stopping).ConfigureAwait(false) is not { } outcome)
        {
            running.Build.GiveBack(execution.HasProcessesLeft);
            return;
        }

        // The build no longer runs anything, and ending it mostly means waiting for the disk.
        leaveRoom();
        for (var delay = retryDelay; ; delay = Backoff.After(delay))
        {
            try
            {
                running.Build.End(record, outcome);
                return;
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException && !stopping.IsCancellationRequested)
            {
                running.WaitsFor = room.Lacks(exception) ? "room on the disk" : "the disk";
                if (delay == retryDelay)
                {
                    LogNotEnded(exception, running.Build.Id, outcome.Status);
                }
            }

            await Task.Delay(delay, timeProvider, stopping).ConfigureAwait(false);
        }
    }

    private async Task<GitBuildOutcome?> DecideAsync(RunningBuild running, GitBuildExecution execution, CancellationToken stopping)
    {
        // Only once the build counts as running here, so that no request is missed in between.
        if (running.Build.IsCancelRequested)
        {
            return GitBuildOutcome.Cancelled;
        }

        try
        {
            return await execution.RunAsync(running.CancelRequested, stopping).ConfigureAwait(false);
        }
        catch (Exception exception) when (!execution.HasBegun && room.Lacks(exception))
        {
            // Nothing has run, so the build waits for room as it would have waited to be accepted.
            running.Build.GiveBack(hasProcessesLeft: false);
            throw;
        }
        catch (Exception exception)
        {
            // Last resort: whatever went wrong, the build ends and says so.
            LogBroken(exception, running.Build.Id);
            return GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }
    }

    [LoggerMessage(LogLevel.Error, "Build {BuildId} failed because of an unexpected error in the runner")]
    private partial void LogBroken(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Error, "Could not save the result {Status} of build {BuildId}; will retry")]
    private partial void LogNotEnded(Exception exception, BuildId buildId, BuildStatus status);
}
