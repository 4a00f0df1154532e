using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>A build that nobody else can do anything for, until this is disposed of.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class ClaimedBuild(BuildId id, FileLock claim, BuildStore store, ILogger logger) : IDisposable
{
    public BuildId Id => id;

    /// <summary>Finishes what another process has left half done.</summary>
    /// <returns>What is to be built, or <see langword="null"/> where there is nothing left to do.</returns>
    public async Task<BuildRecord?> TakeUpAsync()
    {
        if (store.ReadRecord(id.Value) is not { } record)
        {
            // Its trigger has not come to an answer.
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

    /// <summary>Ends the build. Can be repeated where it has failed.</summary>
    public void End(BuildRecord record, GitBuildOutcome outcome)
    {
        store.End(id, outcome.Status, record.Request.Metadata.SetItems(outcome.Metadata), outcome.RunKey, claim);
        LogEnded(id, outcome.Status, outcome.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind, ""));
    }

    /// <summary>Gives the build back to the queue.</summary>
    /// <param name="hasLeftProcesses">Whether something of it is running still, for whoever takes it up to see to.</param>
    public void GiveBack(bool hasLeftProcesses)
    {
        if (!hasLeftProcesses)
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
                throw new GitException($"Some processes of the build '{id}', which ran in a process that has ended, could not be killed, and it must not run twice at a time.") { IsTransient = true };
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It can be the work of the build itself; what it says does not count then.
            LogDamaged(exception, id);
        }

        store.Stop(id.Value);
    }

    [LoggerMessage(LogLevel.Information, "Build {BuildId} has ended: {Status} {FailureKind}")]
    private partial void LogEnded(BuildId buildId, BuildStatus status, string failureKind);

    [LoggerMessage(LogLevel.Information, "Build {BuildId} is not run to its end here, and waits to be run again")]
    private partial void LogGivenBack(BuildId buildId);

    [LoggerMessage(LogLevel.Warning, "Build {BuildId} was running in a process that has ended; it is run again")]
    private partial void LogTakenUp(BuildId buildId);

    [LoggerMessage(LogLevel.Warning, "What ran of build {BuildId} before cannot be told")]
    private partial void LogDamaged(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Information, "Build {BuildId} is dropped: its trigger was not answered, and its key has passed to {Owner}")]
    private partial void LogDiscarded(BuildId buildId, BuildId owner);
}
