using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Represents a build that this process has claimed exclusively until disposal.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class ClaimedBuild(BuildId id, FileLock claim, BuildStore store, ILogger logger) : IDisposable
{
    public BuildId Id => id;

    /// <summary>Completes what an earlier process left unfinished.</summary>
    /// <returns>The build to run, or <see langword="null"/> if nothing is left to do.</returns>
    public async Task<BuildRecord?> TakeUpAsync()
    {
        if (store.ReadRecord(id.Value) is not { } record)
        {
            // Its trigger never returned.
            claim.Delete();
            return null;
        }

        if (store.HasResult(id.Value))
        {
            store.End(id, BuildStatus.Unknown, BuildMetadata.Empty, runKey: null, claim);
            return null;
        }

        await StopAttemptAsync().ConfigureAwait(false);
        if (store.TakeKey(id, record) is var owner && owner != id)
        {
            LogDiscarded(id, owner);
            store.Discard(id, record, claim);
            return null;
        }

        return record;
    }

    public bool IsCancelRequested => store.IsCancelRequested(id.Value);

    /// <summary>Ends the build. Can be retried after a failure.</summary>
    public void End(BuildRecord record, GitBuildOutcome outcome)
    {
        store.End(id, outcome.Status, record.Request.Metadata.SetItems(outcome.Metadata), outcome.RunKey, claim);
        LogEnded(id, outcome.Status, outcome.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind, ""));
    }

    /// <summary>Returns the build to the queue.</summary>
    /// <param name="hasProcessesLeft">Whether some of its processes still run. The process that takes up the build must stop them.</param>
    public void GiveBack(bool hasProcessesLeft)
    {
        if (!hasProcessesLeft)
        {
            store.Stop(id.Value);
        }

        LogGivenBack(id);
    }

    public void Dispose() => claim.Dispose();

    private async Task StopAttemptAsync()
    {
        try
        {
            if (store.ReadAttempt(id.Value) is not { } attempt)
            {
                return;
            }

            LogTakenUp(id);
            if (!await BuildProcesses.Of(attempt).KillAsync().ConfigureAwait(false))
            {
                throw new GitException(
                    $"Could not kill all processes of the build '{id}' from an earlier run. It does not run again while they exist.")
                {
                    IsTransient = true,
                };
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The build itself may have written the file, so a damaged one is ignored.
            LogDamaged(exception, id);
        }

        store.Stop(id.Value);
    }

    [LoggerMessage(LogLevel.Information, "Build {BuildId} ended: {Status} {FailureKind}")]
    private partial void LogEnded(BuildId buildId, BuildStatus status, string failureKind);

    [LoggerMessage(LogLevel.Information, "Build {BuildId} was stopped and is back in the queue")]
    private partial void LogGivenBack(BuildId buildId);

    [LoggerMessage(LogLevel.Warning, "Build {BuildId} was running in a process that ended; running it again")]
    private partial void LogTakenUp(BuildId buildId);

    [LoggerMessage(LogLevel.Warning, "Could not read what build {BuildId} was running before")]
    private partial void LogDamaged(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Information, "Build {BuildId} was discarded: its trigger never returned, and its key belongs to {Owner} now")]
    private partial void LogDiscarded(BuildId buildId, BuildId owner);
}
