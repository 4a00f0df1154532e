using System.Collections.Concurrent;

namespace BuildRunner.Orchestration;

/// <summary>Saves the answers to triggers, and keeps those that cannot be saved until they are. Only the end of the process loses
/// them.</summary>
internal sealed class TriggerAnswers(
    BuildUpdater updater, SavePause pause, HarmlessLogger<TriggerAnswers> logger, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelayWhenKept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<TriggerAnswer, bool> _kept = [];
    private readonly ConcurrentDictionary<UnderWay, TriggerAnswer?> _underWay = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isClosed;

    public bool IsClosed => _isClosed;

    /// <summary>Saves an answer. If that fails within the time of a step, keeps it and retries in the background.</summary>
    public async Task<Outcome> SaveAsync(TriggerAnswer answer)
    {
        using var underWay = Follow(answer);
        var start = timeProvider.GetTimestamp();
        var isFirst = !_kept.ContainsKey(answer);
        for (var failures = 0; ; isFirst = false)
        {
            try
            {
                return await ApplyAsync(answer, isFirst).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // The delivery is held meanwhile, because another process would not know the answer and may end the build while the remote
                // one runs on.
                var delay = RunnerTimes.SaveDelay(++failures, LongestDelay);
                if (_stop.IsCancellationRequested || timeProvider.GetElapsedTime(start) + delay > RunnerTimes.StoreTime)
                {
                    if (_kept.TryAdd(answer, true))
                    {
                        _ = SaveLaterAsync(answer);
                    }

                    Log.AnswerNotSaved(logger, answer.Client.Name, answer.Id, answer.Text, exception);
                    throw;
                }

                if (failures == 1)
                {
                    Log.AnswerSaveFailed(logger, answer.Client.Name, answer.Id, answer.Text, RunnerTimes.StoreTime, exception);
                }

                await pause.WaitAsync(delay).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Saves a kept answer of a build before anything is decided about it.</summary>
    public async Task SaveAllAsync(Delivery delivery)
    {
        while (BuildMessages.TryGetBuild(delivery, out var id) && _kept.Keys.FirstOrDefault(answer => answer.Id == id) is { } answer)
        {
            await SaveAsync(answer).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that a call is under way until its answer is saved. Noted before the call begins, so that a stop always waits for
    /// it.</summary>
    public IDisposable Follow(TriggerAnswer? answer = null)
    {
        UnderWay underWay = new(_underWay);
        _underWay[underWay] = answer;
        return underWay;
    }

    public void Close() => _isClosed = true;

    /// <summary>Waits for calls under way, and tries once more to save kept answers, which no other process knows.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // A task that ends may start another.
        while (!cancellationToken.IsCancellationRequested
            && _underWay.Keys.Select(static it => it.Task).ToList() is { Count: > 0 } underWay)
        {
            await Task.WhenAll(underWay).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var answer in _kept.Keys.Concat(_underWay.Values.OfType<TriggerAnswer>()).Distinct().ToList())
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();

                // A blocking driver must not delay the host beyond its timeout.
                var saving = Task.Run(() => ApplyAsync(answer, isFirst: false), CancellationToken.None);
                await saving.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.AnswerLost(logger, answer.Client.Name, answer.Id, answer.Text, exception);
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    // The first time nobody has most likely changed the build since the runner was asked. Later it is read, because it may have been saved
    // although that failed.
    private async Task<Outcome> ApplyAsync(TriggerAnswer answer, bool isFirst)
    {
        var reading = isFirst
            ? answer.Asked
            : await updater.ReadAsync(answer.Id, answer.Asked.Messages, CancellationToken.None).ConfigureAwait(false);
        var update = await DecideAsync(reading, wasCancelled: null).ConfigureAwait(false);
        if (update.Outcome is null)
        {
            var wasCancelled = await (answer.Cancel ??= CancelAsync(answer)).ConfigureAwait(false);
            update = await DecideAsync(update.Reading, wasCancelled).ConfigureAwait(false);
        }

        _kept.TryRemove(answer, out _);
        if (update is { IsSaved: true, Build.Status: BuildStatus.Failed } && answer.Rejection is { } rejection)
        {
            Log.TriggerRejected(logger, answer.Client.Name, answer.Id, rejection.Message);
        }

        return update.Outcome!;

        Task<Update> DecideAsync(BuildReading build, bool? wasCancelled) =>
            updater.UpdateAsync(build, it => TriggerAnswerDecision.Decide(it, answer, wasCancelled));
    }

    private async Task<bool> CancelAsync(TriggerAnswer answer)
    {
        var remoteId = answer.RemoteId!.Value;
        Log.Superfluous(logger, answer.Client.Name, answer.Id, remoteId);
        try
        {
            await answer.Client.CancelAsync(answer.Id, remoteId, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Log.CancelFailed(logger, answer.Client.Name, answer.Id, remoteId, exception.Message);
            return false;
        }
    }

    // The next delivery may be in another process.
    private async Task SaveLaterAsync(TriggerAnswer answer)
    {
        for (var failures = 2; _kept.ContainsKey(answer); failures++)
        {
            try
            {
                await Task.Delay(RunnerTimes.SaveDelay(failures, LongestDelayWhenKept), timeProvider, _stop.Token).ConfigureAwait(false);
                if (_kept.ContainsKey(answer))
                {
                    await ApplyAsync(answer, isFirst: false).ConfigureAwait(false);
                }
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.AnswerNotSaved(logger, answer.Client.Name, answer.Id, answer.Text, exception);
            }
        }
    }

    private sealed class UnderWay(ConcurrentDictionary<UnderWay, TriggerAnswer?> all)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), IDisposable
    {
        public void Dispose()
        {
            all.TryRemove(this, out _);
            SetResult();
        }
    }
}

/// <summary>Provides the pause before a step retries a save. Tests that deliver one message at a time advance the clock here.</summary>
internal class SavePause(TimeProvider timeProvider)
{
    public virtual Task WaitAsync(TimeSpan delay) => Task.Delay(delay, timeProvider, CancellationToken.None);
}
