using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Merged;

/// <summary>Triggers builds of merged commits. Fetching, merging and pushing may outlive the call, which has little time; the build is
/// triggered within it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedTriggers(
    IBuildRunner inner,
    MergedProof proof,
    Func<CancellationToken, Task<MergedState>> openAsync,
    BackgroundTasks background,
    TimeProvider timeProvider,
    MergedStepReached? reached)
{
    // Leaves most of the half minute that callers usually allow to the CI.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // How long the next call without a key may use what an earlier one prepared. After that the target may well have moved.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    // How long a CI may take to list a build that it created, with a margin. Minutes are rare.
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    private readonly KeyedGate _gate = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Task<MergedTrigger> Task, long Since)> _preparing = new(StringComparer.Ordinal);

    private readonly AbandonedTriggers _abandoned = new(Freshness, timeProvider);
    private readonly UntriggeredRecords _untriggered = new(timeProvider);

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var digest = DigestOf(request);
        var (state, trigger, turn) = await PrepareInTimeAsync(request, digest, cancellationToken).ConfigureAwait(false);
        return await TriggerAsync(state, request, digest, trigger, turn, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(MergedState State, MergedTrigger Trigger, IDisposable Turn)> PrepareInTimeAsync(
        BuildRequest request,
        string digest,
        CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var state = await openAsync(stop.Token).ConfigureAwait(false);
            var (trigger, turn) = await PrepareAsync(state, request, digest, stop.Token).ConfigureAwait(false);
            return (state, trigger, turn);
        }
        catch (OperationCanceledException)
            when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested && !background.IsStopping)
        {
            const string Message = "The changes are still being fetched, merged and pushed. No build was triggered yet; trigger again.";
            throw new BuildRunnerException(Message) { IsTransient = true, RetryAfter = Patience };
        }
    }

    private async Task<(MergedTrigger Trigger, IDisposable Turn)> PrepareAsync(
        MergedState state,
        BuildRequest request,
        string digest,
        CancellationToken stopToken)
    {
        var token = request.TriggerKey is { } key ? state.Tokens.OfKey(key) : _abandoned.Take(digest) ?? MergedTokens.New();
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
                _abandoned.Add(digest, token);
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
                // Nobody came back for it, or it failed. What was pushed is deleted after the retention.
                if (task.IsCompleted && (!task.IsCompletedSuccessfully || timeProvider.GetElapsedTime(since) >= Freshness))
                {
                    _preparing.Remove(old);
                }
            }

            if (!_preparing.TryGetValue(token, out var preparing))
            {
                MergePreparation preparation = new(state, proof, _untriggered, timeProvider, reached);
                var task = background.Run(cancellationToken => preparation.RunAsync(request, digest, token, cancellationToken));
                preparing = (task, timeProvider.GetTimestamp());
                _preparing[token] = preparing;
            }

            return preparing.Task;
        }
    }

    private async Task<BuildId> TriggerAsync(
        MergedState state,
        BuildRequest request,
        string digest,
        MergedTrigger trigger,
        IDisposable? turn,
        CancellationToken cancellationToken)
    {
        try
        {
            // Another call with the same key may have prepared it.
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

            if (isNew
                || await FindEarlierAsync(request.TriggerKey, trigger.Record, cancellationToken).ConfigureAwait(false) is not { } buildId)
            {
                buildId = await TriggerAsync(state, request, digest, trigger, isNew, TakeTurn, cancellationToken).ConfigureAwait(false);
            }

            reached?.Invoke(MergedStep.Triggered);
            Task NameAsync(CancellationToken token) =>
                MergedUpdate.NameAsync(state, trigger.Token, trigger.RecordId, trigger.Record, buildId, token);
            await FinishAsync(TakeTurn(), NameAsync).ConfigureAwait(false);
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

    // An earlier call may have triggered the build, and lists of builds often lag.
    private async Task<BuildId?> FindEarlierAsync(string? triggerKey, MergedRecord record, CancellationToken cancellationToken)
    {
        var unanswered = $"An earlier trigger with the key '{triggerKey}' was not answered";
        if (triggerKey is null || inner.As<IBuildFinder>() is not { } finder)
        {
            throw new TriggerOutcomeUnknownException(
                $"{unanswered}, and the runner cannot find builds by key. It may have created a build; use a new key to build again.");
        }

        BuildId? found;
        try
        {
            found = await finder.FindAsync(triggerKey, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!IsOfCaller(exception, cancellationToken))
        {
            throw new TriggerOutcomeUnknownException($"{unanswered}, and its build could not be looked up: {exception.Message}", exception);
        }

        return found is null && timeProvider.GetUtcNow() - record.CreatedAt < Lag
            ? throw new TriggerOutcomeUnknownException(
                $"{unanswered}, and the runner does not find its build yet; trigger again in {Lag.TotalMinutes:0} minutes.")
            : found;
    }

    private async Task<BuildId> TriggerAsync(
        MergedState state,
        BuildRequest request,
        string digest,
        MergedTrigger trigger,
        bool isNew,
        Func<IDisposable> takeTurn,
        CancellationToken cancellationToken)
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
            throw new TriggerOutcomeUnknownException(
                $"The runner failed while triggering a build, which may exist: {exception.Message}", exception);
        }
    }

    private static bool IsOfCaller(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    // After a transient refusal, everything is kept for the next trigger: the CI may just not have seen the push yet.
    private async Task AfterRefusalAsync(
        MergedState state,
        BuildRequest request,
        string digest,
        MergedTrigger trigger,
        bool isTransient,
        Func<IDisposable> takeTurn)
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
            _abandoned.Add(digest, trigger.Token);
        }
    }

    // Must precede the next call for the same trigger, but this call waits only so long.
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
            // The outcome is known; the rest continues in the background.
        }
    }

    private async Task WithdrawAsync(MergedState state, MergedTrigger trigger, CancellationToken cancellationToken)
    {
        PushedReference[] references =
        [
            new(MergedTokens.RecordOf(trigger.Token), trigger.RecordId, Wanted: null),
            new(trigger.Record.Reference!, trigger.Record.Commit, Wanted: null),
        ];
        if (await state.TryPushAsync(references, cancellationToken).ConfigureAwait(false))
        {
            _untriggered.Take(trigger.Token, trigger.RecordId);
            state.Records.Forget(trigger.Token);
        }
    }
}
