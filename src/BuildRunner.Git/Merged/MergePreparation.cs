using System.Runtime.Versioning;
using BuildRunner.Git.Changes;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Prepares a trigger: resumes what an earlier trigger with the same key prepared, or fetches, merges and pushes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergePreparation(
    MergedState state,
    MergedProof proof,
    UntriggeredRecords untriggered,
    TimeProvider timeProvider,
    MergedStepReached? reached)
{
    // How often another process with the same key may be faster.
    private const int MaxAttempts = 5;

    /// <param name="request">The request.</param>
    /// <param name="digest">The digest of its base and head.</param>
    /// <param name="token">The token of its record.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="BuildRunnerException">A change was rejected, or the key belongs to another request.</exception>
    /// <exception cref="GitException">The remote cannot be used, or a commit cannot be fetched.</exception>
    public async Task<MergedTrigger> RunAsync(BuildRequest request, string digest, string token, CancellationToken cancellationToken)
    {
        var changes = await new RequestedChanges(state.Options).ReadAsync(request, cancellationToken).ConfigureAwait(false);
        state.Remote.CheckFormat(changes);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await TryRunAsync(request, changes, digest, token, cancellationToken).ConfigureAwait(false) is { } trigger)
            {
                return trigger;
            }
        }

        throw new GitException(
            $"The references of the trigger '{request.TriggerKey}' at the remote '{state.Remote.Address}' keep changing; trigger again.")
        {
            IsTransient = true,
        };
    }

    private async Task<MergedTrigger?> TryRunAsync(
        BuildRequest request, List<AppliedChange> changes, string digest, string token, CancellationToken cancellationToken)
    {
        var (recordReference, buildReference) = (MergedTokens.RecordOf(token), state.BuildReferenceOf(token));
        var tips = await state.Remote.ListAsync(
            [.. state.Remote.TargetReferences, recordReference, buildReference], cancellationToken).ConfigureAwait(false);
        if (tips.TryGetValue(recordReference, out var recordId))
        {
            return await ResumeAsync(
                request, changes, digest, token, recordId, tips.GetValueOrDefault(buildReference), cancellationToken).ConfigureAwait(false);
        }

        if (tips.ContainsKey(buildReference))
        {
            throw new GitException(
                $"The trigger '{request.TriggerKey}' needs the reference '{buildReference}' of the remote '{state.Remote.Address}', "
                + "which somebody else created; delete it.");
        }

        var target = state.Remote.TargetOf(tips);
        await state.FetchAsync(target, changes, token, cancellationToken).ConfigureAwait(false);
        reached?.Invoke(MergedStep.Fetched);
        var result = await state.MergeAsync(target, changes, cancellationToken).ConfigureAwait(false);
        reached?.Invoke(MergedStep.Merged);
        MergedRecord record = new(state.Tokens.Scope, digest, target, changes, timeProvider.GetUtcNow());
        record = await DecideAsync(record, result, request, token, cancellationToken).ConfigureAwait(false);
        return await PushAsync(record, token, cancellationToken).ConfigureAwait(false);
    }

    private async Task<MergedRecord> DecideAsync(
        MergedRecord record, ApplyResult result, BuildRequest request, string token, CancellationToken cancellationToken)
    {
        if (result is not ApplyResult.Applied { Head: var merged })
        {
            var (outcome, note) = NotApplied.Describe(result);
            return record with
            {
                BuildId = MergedIds.New(token).Value,
                Status = outcome.Status,
                Metadata = request.Metadata.SetItems(outcome.Metadata),
                Note = note,
            };
        }

        record = record with { Commit = merged.CommitId };
        if (await FindSuccessAsync(merged.Tree, cancellationToken).ConfigureAwait(false) is not { } earlier)
        {
            return record with { Reference = state.BuildReferenceOf(token) };
        }

        return record with
        {
            BuildId = MergedIds.New(token).Value,
            Status = BuildStatus.Succeeded,
            Metadata = request.Metadata.SetItems(
                [new(BuildMetadataKeys.Commit, merged.CommitId), new(BuildMetadataKeys.ReusedFrom, earlier)]),
            Note = $"the same files succeeded in {earlier}",
        };
    }

    private async Task<MergedTrigger?> PushAsync(MergedRecord record, string token, CancellationToken cancellationToken)
    {
        var recordId = await state.Records.WriteAsync(record, cancellationToken).ConfigureAwait(false);
        List<PushedReference> pushed = [new(MergedTokens.RecordOf(token), Expected: null, recordId)];
        if (record.Reference is { } reference)
        {
            pushed.Add(new PushedReference(reference, Expected: null, record.Commit));
        }

        // Also for a push whose answer is lost.
        untriggered.Add(token, recordId);
        if (!await state.TryPushAsync(pushed, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        reached?.Invoke(MergedStep.Pushed);
        state.Records.Keep(token, recordId, record);
        state.Repository.ForgetFetched(token);
        return new MergedTrigger(token, recordId, record);
    }

    // Resumes what another process prepared, or this one before it was killed or lost the answer.
    private async Task<MergedTrigger?> ResumeAsync(
        BuildRequest request,
        List<AppliedChange> changes,
        string digest,
        string token,
        string recordId,
        string? built,
        CancellationToken cancellationToken)
    {
        var record = await state.Records.ReadAsync(token, recordId, cancellationToken).ConfigureAwait(false)
            ?? throw Forged(token);
        record.ThrowUnlessOf(digest, request.TriggerKey);
        if (!record.Changes.SequenceEqual(changes) || await HasFaultAsync(record, cancellationToken).ConfigureAwait(false))
        {
            throw Forged(token);
        }

        if (record.BuildId is null && built is not null && built != record.Commit)
        {
            throw new GitException(
                $"Somebody else moved the reference '{record.Reference}' of the remote '{state.Remote.Address}' to {built}; delete it.");
        }

        PushedReference[] missing = record.BuildId is null && built is null
            ? [new PushedReference(record.Reference!, Expected: null, record.Commit)]
            : [];
        return missing.Length == 0 || await state.TryPushAsync(missing, cancellationToken).ConfigureAwait(false)
            ? new MergedTrigger(token, recordId, record)
            : null;
    }

    private async Task<bool> HasFaultAsync(MergedRecord record, CancellationToken cancellationToken) =>
        record.Commit is not null
        && (record.BuildId is null || record.Status is not null)
        && await proof.FindFaultAsync(state, record, cancellationToken).ConfigureAwait(false) is not null;

    private GitException Forged(string token) => new(
        $"The reference '{MergedTokens.RecordOf(token)}' of the remote '{state.Remote.Address}' is not a record of the trigger; "
        + "delete it.");

    private async Task<string?> FindSuccessAsync(string tree, CancellationToken cancellationToken)
    {
        if (state.Options.ReuseFor is not { } age)
        {
            return null;
        }

        var success = await state.Records.FindThereAsync(state.Tokens.OfTree(tree), cancellationToken).ConfigureAwait(false);
        return success?.BuildId is { } buildId && timeProvider.GetUtcNow() - success.CreatedAt <= age
            && await proof.HasSucceededAsync(state, buildId, tree, cancellationToken).ConfigureAwait(false) ? buildId : null;
    }
}
