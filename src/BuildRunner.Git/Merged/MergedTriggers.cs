using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Merged;

/// <summary>Triggers builds of merged commits. Fetching, merging and pushing outlive the call, which has little time; the build is triggered within it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedTriggers(
    IBuildRunner inner, Func<CancellationToken, Task<MergedState>> openAsync, BackgroundTasks background, TimeProvider timeProvider, MergedStepReached? reached)
{
    // How long a call waits, so that of the half minute that callers usually give it, the CI has most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // For how long something that was prepared for a call without a key is worth something to the next one like it. After that the target may well have moved.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    private readonly KeyedGate _gate = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<MergedTrigger>> _preparing = new(StringComparer.Ordinal);

    // What was prepared for calls without a key that have not waited for it, by their digests.
    private readonly Dictionary<string, (string Token, long Since)> _abandoned = new(StringComparer.Ordinal);

    // Of which it is certain that nothing was triggered, though what was pushed could not be deleted.
    private readonly HashSet<string> _untriggered = new(StringComparer.Ordinal);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var digest = DigestOf(request);
        using var patience = new CancellationTokenSource(Patience, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var state = await openAsync(stop.Token).ConfigureAwait(false);
            var (trigger, turn) = await PrepareAsync(state, request, digest, stop.Token).ConfigureAwait(false);
            return await TriggerAsync(state, request, digest, trigger, turn, cancellationToken).ConfigureAwait(false);
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
            if (!_preparing.TryGetValue(token, out var preparing) || (preparing.IsCompleted && !preparing.IsCompletedSuccessfully))
            {
                MergePreparation preparation = new(state, timeProvider, reached);
                _preparing[token] = preparing = background.Run(cancellationToken => preparation.RunAsync(request, digest, token, cancellationToken));
            }

            return preparing;
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
                // What was pushed for it goes with the retention.
                _abandoned.Remove(old, out var abandoned);
                _preparing.Remove(abandoned.Token);
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
                trigger = _untriggered.Remove(trigger.Token) ? trigger with { IsNew = true } : trigger;
            }

            if (trigger.Record.BuildId is { } known)
            {
                return new BuildId(known);
            }

            if (!trigger.IsNew && inner.As<IBuildFinder>() is null)
            {
                throw new TriggerOutcomeUnknownException($"An earlier trigger with the key '{request.TriggerKey}' has not come to an answer, and the runner finds no builds by key: a build may have been created.");
            }

            var (commit, reference) = (trigger.Record.Commit!, trigger.Record.Reference!);
            BuildRequest merged = new()
            {
                Head = [GitChange.Create(state.Options.Host, state.Options.RepositoryName, reference, commit)],
                Metadata = request.Metadata,
                TriggerKey = request.TriggerKey,
            };
            return await TriggerAsync(state, trigger, merged, TakeTurn, cancellationToken).ConfigureAwait(false);
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

    private async Task<BuildId> TriggerAsync(
        MergedState state, MergedTrigger trigger, BuildRequest merged, Func<IDisposable> takeTurn, CancellationToken cancellationToken)
    {
        BuildId buildId;
        try
        {
            buildId = await inner.TriggerAsync(merged, cancellationToken).ConfigureAwait(false);
        }
        catch (TriggerOutcomeUnknownException)
        {
            // A build may need what was pushed.
            throw;
        }
        catch (BuildRunnerException) when (trigger.IsNew)
        {
            reached?.Invoke(MergedStep.Rejected);
            await FinishAsync(takeTurn(), token => WithdrawAsync(state, trigger, token)).ConfigureAwait(false);
            reached?.Invoke(MergedStep.Withdrawn);
            throw;
        }

        reached?.Invoke(MergedStep.Triggered);
        await FinishAsync(takeTurn(), token => MergedUpdate.NameAsync(state, trigger.Token, trigger.RecordId, trigger.Record, buildId, token)).ConfigureAwait(false);
        reached?.Invoke(MergedStep.Recorded);
        return buildId;
    }

    // Before the next call for the same trigger, and yet not for longer than this one can wait.
    private async Task FinishAsync(IDisposable turn, Func<CancellationToken, Task> work)
    {
        var finishing = background.Tidy(async cancellationToken =>
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
        lock (_lock)
        {
            _untriggered.Add(trigger.Token);
        }

        PushedReference[] references = [new(MergedTokens.RecordOf(trigger.Token), trigger.RecordId, Wanted: null), new(trigger.Record.Reference!, trigger.Record.Commit, Wanted: null)];
        if (!await state.TryPushAsync(references, cancellationToken).ConfigureAwait(false))
        {
            // Somebody else goes on with it.
            return;
        }

        lock (_lock)
        {
            _untriggered.Remove(trigger.Token);
        }

        state.Records.Forget(trigger.Token);
    }
}
