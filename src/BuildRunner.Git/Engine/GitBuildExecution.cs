using BuildRunner.Git.Logs;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Takes one build through its life: waits for a work tree, applies the changes, checks the result out, runs the command.</summary>
internal sealed class GitBuildExecution(GitBuild build, Task<WorkTree> turn, GitBuildState state, GitBuildRunnerOptions options, TimeProvider timeProvider)
{
    public async Task<GitBuildOutcome> RunAsync()
    {
        WorkTree workTree;
        try
        {
            workTree = await turn.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return GitBuildOutcome.Cancelled;
        }

        try
        {
            build.Start();
            var started = timeProvider.GetTimestamp();
            var outcome = await RunInTimeAsync(workTree).ConfigureAwait(false);
            return outcome.After(timeProvider.GetElapsedTime(started));
        }
        finally
        {
            state.Return(workTree);
        }
    }

    private async Task<GitBuildOutcome> RunInTimeAsync(WorkTree workTree)
    {
        using var log = new BuildLog(build.LogPath, options.LogLimit);
        using var timeout = new CancellationTokenSource(options.Timeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(build.CancelRequested, timeout.Token);
        try
        {
            var outcome = await RunStepsAsync(workTree, log, stop.Token).ConfigureAwait(false);
            return log.Failure is null ? outcome : throw log.Failure;
        }
        catch (OperationCanceledException) when (build.CancelRequested.IsCancellationRequested)
        {
            log.Note("cancelled on request");
            return GitBuildOutcome.Cancelled;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            log.Note($"stopped after {options.Timeout}, the longest that a build may run");
            return GitBuildOutcome.Failed(BuildFailureKinds.Timeout);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException)
        {
            log.Note(exception.Message);
            return GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }
        catch (Exception exception)
        {
            log.Note($"a fault of the runner: {exception}");
            throw;
        }
    }

    private async Task<GitBuildOutcome> RunStepsAsync(WorkTree workTree, BuildLog log, CancellationToken stopToken)
    {
        var result = await state.Repository.ApplyAsync(build.TargetCommitId, build.Changes, build.Id.Value, stopToken).ConfigureAwait(false);
        if (result is not ApplyResult.Applied { CommitId: var commitId })
        {
            return Describe(result, log);
        }

        await workTree.CheckOutAsync(state.Repository, commitId, stopToken).ConfigureAwait(false);
        return (await RunCommandAsync(workTree, log, stopToken).ConfigureAwait(false)).Of(commitId);
    }

    private async Task<GitBuildOutcome> RunCommandAsync(WorkTree workTree, BuildLog log, CancellationToken stopToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Commands are run on Linux only.");
        }

        var command = new BuildCommand(options.Command, CreateEnvironment(), workTree.Root, options.CancelGracePeriod, timeProvider);
        try
        {
            var exitCode = await command.RunAsync(log, stopToken).ConfigureAwait(false);
            if (exitCode == 0)
            {
                return GitBuildOutcome.Succeeded;
            }

            log.Note($"the command ended with exit code {exitCode}");
            return GitBuildOutcome.Failed(BuildFailureKinds.Code);
        }
        catch (CommandNotStartedException exception)
        {
            log.Note(exception.Message);
            return GitBuildOutcome.Failed(exception.InWorkTree ? BuildFailureKinds.Code : BuildFailureKinds.Infra);
        }
    }

    private static GitBuildOutcome Describe(ApplyResult result, BuildLog log)
    {
        switch (result)
        {
            case ApplyResult.Conflict { Paths.Count: > 0 } conflict:
                var paths = string.Join('\n', conflict.Paths);
                log.Note($"{conflict.CommitId} conflicts with what it is applied to in:\n{paths}");
                return Failed(conflict.Side, KeyValuePair.Create(BuildMetadataKeys.ConflictPaths, paths));
            case ApplyResult.Conflict conflict:
                log.Note($"{conflict.CommitId} conflicts with what it is applied to");
                return Failed(conflict.Side);
            case ApplyResult.Unrelated unrelated:
                log.Note($"{unrelated.CommitId} has no history in common with what it is applied to");
                return Failed(unrelated.Side);
            default:
                throw new InvalidOperationException($"{result} is no failure.");
        }

        static GitBuildOutcome Failed(string side, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
            GitBuildOutcome.Failed(BuildFailureKinds.Conflict, [KeyValuePair.Create(BuildMetadataKeys.FailedSide, side), .. details]);
    }

    private Dictionary<string, string> CreateEnvironment()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (var (name, value) in options.Environment)
        {
            if ((value ?? Environment.GetEnvironmentVariable(name)) is { } text)
            {
                environment[name] = text;
            }
        }

        environment["BUILDRUNNER_BUILD_ID"] = build.Id.Value;
        return environment;
    }
}
