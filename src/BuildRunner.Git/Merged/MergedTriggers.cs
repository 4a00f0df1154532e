using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Merged;

/// <summary>Triggers builds of merged commits. Fetching, merging and pushing outlive the call, which has little time; the build is triggered within it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedTriggers(
    IBuildRunner inner, MergedProof proof, Func<CancellationToken, Task<MergedState>> openAsync, BackgroundTasks background, TimeProvider timeProvider, MergedStepReached? reached)
{
    // How long a call waits, so that of the half minute that callers usually give it, the CI has most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // For how long something that was prepared for a call without a key is worth something to the next one like it. After that the target may well have moved.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    // How far the builds that a CI lists may be behind those that it has created, with a margin. Minutes are rare.
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    private readonly KeyedGate _gate = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Task<MergedTrigger> Task, long Since)> _preparing = new(StringComparer.Ordinal);

    // What was prepared for calls without a key that have not waited for it, by their digests.
    private readonly Dictionary<string, (string Token, long Since)> _abandoned = new(StringComparer.Ordinal);

    private readonly UntriggeredRecords _untriggered = new(timeProvider);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var digest = DigestOf(request);
        var (state, trigger, turn) = await PrepareInTimeAsync(request, digest, cancellationToken).ConfigureAwait(false);
        return await TriggerAsync(state, request, digest, trigger, turn, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(
        MergedState State, MergedTrigger Trigger, IDisposable Turn)> PrepareInTimeAsync(BuildRequest request, string digest, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var state = await openAsync(stop.Token).ConfigureAwait(false);
            var (trigger, turn) = await PrepareAsync(state, request, digest, stop.Token).ConfigureAwait(false);
            return (state, trigger, turn);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested && !background.IsStopping)
        {
            throw new BuildRunnerException("The changes are still being fetched, merged and pushed, which goes on. Nothing was triggered yet; trigger again.") { IsTransient = true, RetryAfter = Patience };
        }
    }

    private async Task<(
        MergedTrigger Trigger, IDisposable Turn)> PrepareAsync(MergedState state, BuildRequest request, string digest, CancellationToken stopToken)
    {
        var token = request.TriggerKey is { } key ? state.Tokens.OfKey(key) : TakeAbandoned(digest) ?? MergedTokens.New();
        var turn = await _gate.EnterAsync(token, stopToken).ConfigureAwait(false);
        try
        {
            var trigger = await PrepareAsync(state, request, digest, token).WaitAsync(stopToken).ConfigureAwait(false);
            stopToken.ThrowIfCancellationRequested();
            return (trigger, turn);
        }
        catch (Exception exception)
        {
            turn.Dispose();
            if (exception is OperationCanceledException && request.TriggerKey is null)
            {
                Abandon(digest, token);
            }

            throw;
        }
    }

    private static string DigestOf(BuildRequest request)
    {
        BuildRequest changes = new() { Base = request.Base, Head = request.Head };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(changes, MergedJson.Default.BuildRequest)));
    }

    private Task<MergedTrigger> PrepareAsync(MergedState state, BuildRequest request, string digest, string token)
    {
        lock (_lock)
        {
            foreach (var (old, (task, since)) in _preparing.ToList())
            {
                // Nobody has come back for it, or it has come to nothing. What was pushed goes with the retention.
                if (task.IsCompleted && (!task.IsCompletedSuccessfully || timeProvider.GetElapsedTime(since) >= Freshness))
                {
                    _preparing.Remove(old);
                }
            }

            if (!_preparing.TryGetValue(token, out var preparing))
            {
                MergePreparation preparation = new(state, proof, _untriggered, timeProvider, reached);
                preparing = (background.Run(cancellationToken => preparation.RunAsync(request, digest, token, cancellationToken)), timeProvider.GetTimestamp());
                _preparing[token] = preparing;
            }

            return preparing.Task;
        }
    }

    private string? TakeAbandoned(string digest)
    {
        lock (_lock)
        {
            return _abandoned.Remove(digest, out var abandoned) && timeProvider.GetElapsedTime(abandoned.Since) < Freshness
                ? abandoned.Token
                : null;
        }
    }

    private void Abandon(string digest, string token)
    {
        lock (_lock)
        {
            _abandoned[digest] = (token, timeProvider.GetTimestamp());
            foreach (var (old, _) in _abandoned.Where(abandoned => timeProvider.GetElapsedTime(abandoned.Value.Since) >= Freshness).ToList())
            {
                _abandoned.Remove(old);
            }
        }
    }

    private async Task<BuildId> TriggerAsync(
        MergedState state, BuildRequest request, string digest, MergedTrigger trigger, IDisposable? turn, CancellationToken cancellationToken)
    {
        try
        {
            // Another call with the key may have prepared it.
            trigger.Record.ThrowUnlessOf(digest, request.TriggerKey);
            lock (_lock)
            {
                _preparing.Remove(trigger.Token);
            }

            var isNew = _untriggered.Take(trigger.Token, trigger.RecordId);
            if (trigger.Record.BuildId is { } known)
            {
                return new BuildId(known);
            }

            if (isNew || await FindEarlierAsync(request.TriggerKey, trigger.Record, cancellationToken).ConfigureAwait(false) is not { } buildId)
            {
                buildId = await TriggerAsync(state, request, digest, trigger, isNew, TakeTurn, cancellationToken).ConfigureAwait(false);
            }

            reached?.Invoke(MergedStep.Triggered);
            await FinishAsync(TakeTurn(), token => MergedUpdate.NameAsync(state, trigger.Token, trigger.RecordId, trigger.Record, buildId, token)).ConfigureAwait(false);
            reached?.Invoke(MergedStep.Recorded);
            return buildId;
        }
        finally
        {
            turn?.Dispose();
        }

        IDisposable TakeTurn()
        {
            var taken = turn!;
            turn = null;
            return taken;
        }
    }

    // Somebody may have triggered it. A list of builds is often behind what was created.
    private async Task<BuildId?> FindEarlierAsync(string? triggerKey, MergedRecord record, CancellationToken cancellationToken)
    {
        if (triggerKey is null || inner.As<IBuildFinder>() is not { } finder)
        {
            throw new TriggerOutcomeUnknownException($"An earlier trigger with the key '{triggerKey}' has not come to an answer, and the runner finds no builds by key: a build may have been created.");
        }

        BuildId? found;
        try
        {
            found = await finder.FindAsync(triggerKey, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!IsOfCaller(exception, cancellationToken))
        {
            throw new TriggerOutcomeUnknownException($"An earlier trigger with the key '{triggerKey}' has not come to an answer, and its build cannot be looked for: {exception.Message}", exception);
        }

        return found is null && timeProvider.GetUtcNow() - record.CreatedAt < Lag
            ? throw new TriggerOutcomeUnknownException($"An earlier trigger with the key '{triggerKey}' has not come to an answer, and the runner does not find its build yet; trigger again in {Lag.TotalMinutes:0} minutes.")
            : found;
    }

    private async Task<BuildId> TriggerAsync(
        MergedState state, BuildRequest request, string digest, MergedTrigger trigger, bool isNew, Func<IDisposable> takeTurn, CancellationToken cancellationToken)
    {
        var (commit, reference) = (trigger.Record.Commit!, trigger.Record.Reference!);
        BuildRequest merged = new()
        {
            Head = [GitChange.Create(state.Options.Host, state.Options.RepositoryName, reference, commit)],
            Metadata = request.Metadata,
            TriggerKey = request.TriggerKey,
        };
        try
        {
            return await inner.TriggerAsync(merged, cancellationToken).ConfigureAwait(false);
        }
        catch (TriggerOutcomeUnknownException)
        {
            // A build may need what was pushed.
            throw;
        }
        catch (BuildRunnerException exception)
        {
            if (isNew)
            {
                await AfterRefusalAsync(state, request, digest, trigger, exception.IsTransient, takeTurn).ConfigureAwait(false);
            }

            throw;
        }
        catch (Exception exception) when (!IsOfCaller(exception, cancellationToken))
        {
            throw new TriggerOutcomeUnknownException($"The runner has failed while a build was triggered, which may have been created: {exception.Message}", exception);
        }
    }

    private static bool IsOfCaller(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    // What the CI will take later is kept for then: it may well refuse because it has not seen the push yet.
    private async Task AfterRefusalAsync(
        MergedState state, BuildRequest request, string digest, MergedTrigger trigger, bool isTransient, Func<IDisposable> takeTurn)
    {
        _untriggered.Add(trigger.Token, trigger.RecordId);
        reached?.Invoke(MergedStep.Rejected);
        if (!isTransient)
        {
            await FinishAsync(takeTurn(), token => WithdrawAsync(state, trigger, token)).ConfigureAwait(false);
            reached?.Invoke(MergedStep.Withdrawn);
        }
        else if (request.TriggerKey is null)
        {
            Abandon(digest, trigger.Token);
        }
    }

    // Before the next call for the same trigger, and yet not for longer than this one can wait.
    private async Task FinishAsync(IDisposable turn, Func<CancellationToken, Task> work)
    {
        var finishing = background.Finish(async cancellationToken =>
        {
            using (turn)
            {
                await work(cancellationToken).ConfigureAwait(false);
            }
        });
        try
        {
            await finishing.WaitAsync(Patience, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The answer is known; what is left to do goes on.
        }
    }

    private async Task WithdrawAsync(MergedState state, MergedTrigger trigger, CancellationToken cancellationToken)
    {
        PushedReference[] references = [new(MergedTokens.RecordOf(trigger.Token), trigger.RecordId, Wanted: null), new(trigger.Record.Reference!, trigger.Record.Commit, Wanted: null)];
        if (await state.TryPushAsync(references, cancellationToken).ConfigureAwait(false))
        {
            _untriggered.Take(trigger.Token, trigger.RecordId);
            state.Records.Forget(trigger.Token);
        }
    }
}
