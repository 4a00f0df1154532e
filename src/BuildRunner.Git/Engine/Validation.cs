using System.Runtime.Versioning;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Validates a merged commit: by an earlier result or by running the command, and on the base alone if the failed side must be
/// known.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Validation(
    BuildId id,
    BuildJob job,
    WorkSlot slot,
    Attempt attempt,
    BuildLog log,
    GitBuildState state,
    GitBuildRunnerOptions options,
    TimeProvider timeProvider,
    StepReached? reached)
{
    // Read once, so that the remembered environment is that of the run.
    private readonly Dictionary<string, string> _environment = ReadEnvironment(options);

    /// <summary>Gets the outcome that is certain while the failed side is still unknown, or <see langword="null"/>.</summary>
    public GitBuildOutcome? Known { get; private set; }

    public async Task<GitBuildOutcome> RunAsync(ApplyResult.Applied applied, bool hasBase, CancellationToken stopToken) =>
        (await ValidateAsync(applied, hasBase, stopToken).ConfigureAwait(false)).Of(applied.Head.CommitId);

    private async Task<GitBuildOutcome> ValidateAsync(ApplyResult.Applied applied, bool hasBase, CancellationToken stopToken)
    {
        if (FindSuccess(applied.Head) is { } earlier)
        {
            log.Note($"the command is not run: it succeeded on the same files in {earlier}");
            return GitBuildOutcome.Succeeded.ReusedFrom(earlier);
        }

        var outcome = await RunOnAsync(applied.Head, stopToken).ConfigureAwait(false);
        if (outcome == GitBuildOutcome.Succeeded)
        {
            return outcome with { RunKey = KeyOf(applied.Head) };
        }

        return job.AttributesFailures && hasBase && outcome == GitBuildOutcome.Broken
            ? await AttributeAsync(applied, outcome, stopToken).ConfigureAwait(false)
            : outcome;
    }

    private async Task<GitBuildOutcome> AttributeAsync(
        ApplyResult.Applied applied,
        GitBuildOutcome outcome,
        CancellationToken stopToken)
    {
        if (applied.Base.Tree == applied.Head.Tree)
        {
            log.Note("the head changes nothing, so the base fails");
            return outcome.By(BuildFailedSides.Base);
        }

        if (FindSuccess(applied.Base) is { } earlier)
        {
            log.Note($"the base alone succeeded in {earlier}, so the head fails");
            return outcome.By(BuildFailedSides.Head);
        }

        Known = outcome.Of(applied.Head.CommitId);
        log.Note("running the command on the base alone, to tell which side fails");
        var alone = await RunOnAsync(applied.Base, stopToken).ConfigureAwait(false);
        if (alone == GitBuildOutcome.Succeeded)
        {
            return outcome.By(BuildFailedSides.Head);
        }

        return alone == GitBuildOutcome.Broken ? outcome.By(BuildFailedSides.Base) : outcome;
    }

    private async Task<GitBuildOutcome> RunOnAsync(MergedCommit commit, CancellationToken stopToken)
    {
        await slot.WorkTree.CheckOutAsync(state.Repository, commit.CommitId, attempt.Cookie, log, stopToken).ConfigureAwait(false);
        reached?.Invoke(Step.CheckedOut);
        Dictionary<string, string> environment = new(_environment, StringComparer.Ordinal) { ["BUILDRUNNER_BUILD_ID"] = id.Value };
        BuildCommand command = new(
            job.Command,
            environment,
            slot.WorkTree.Root,
            attempt.Cookie,
            options.CancelGrace,
            timeProvider);
        try
        {
            var killsBefore = MemoryKills.Read();
            var end = await command.RunAsync(log, leader => MarkLeader(attempt.LedBy(leader)), stopToken).ConfigureAwait(false);
            reached?.Invoke(Step.CommandEnded);
            return end.IsSuccess ? GitBuildOutcome.Succeeded : Describe(end, MemoryKills.Read() - killsBefore);
        }
        catch (CommandNotStartedException exception)
        {
            log.Note(exception.Message);
            return exception.InWorkTree ? GitBuildOutcome.Broken : GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }
        finally
        {
            slot.HasProcessesLeft |= command.HasProcessesLeft;
        }
    }

    // If the kernel kills a child, such as a compiler or a test host, its parent may end with any exit code, which says nothing about the
    // change.
    private GitBuildOutcome Describe(ProcessEnd end, MemoryKills kills)
    {
        log.Note($"the command ended {end}{(end.IsRequested ? ", which the runner did not send" : "")}");
        if (kills.OfGroup > 0)
        {
            log.Note("meanwhile memory ran out, and the kernel killed a process of the control group in which the command ran");
            return GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }

        if (kills.OfMachine > 0)
        {
            log.Note("meanwhile memory ran out, and the kernel killed a process of this machine");
        }

        return end.IsRequested ? GitBuildOutcome.Failed(BuildFailureKinds.Infra) : GitBuildOutcome.Broken;
    }

    private void MarkLeader(Attempt led)
    {
        reached?.Invoke(Step.Spawned);
        try
        {
            slot.Mark(led);
            state.Store.Start(id.Value, led);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The command may have filled the disk, and must not be stopped in the middle of a write. Its cookie identifies it already.
        }

        reached?.Invoke(Step.Running);
    }

    private BuildId? FindSuccess(MergedCommit commit) => KeyOf(commit) is { } runKey ? state.Store.FindSuccess(runKey) : null;

    private string? KeyOf(MergedCommit commit) =>
        options.ReuseResults ? RunKey.Of(commit.Tree, job.Command, _environment, options.ToolchainKey) : null;

    private static Dictionary<string, string> ReadEnvironment(GitBuildRunnerOptions options)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (var (name, value) in options.Environment)
        {
            if ((value ?? Environment.GetEnvironmentVariable(name)) is { } text)
            {
                environment[name] = text;
            }
        }

        return environment;
    }
}
