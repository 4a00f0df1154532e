using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Saves what runners have answered to triggers, and keeps what cannot be saved until it is. An answer is of the process that got it, so it is lost with that alone.</summary>
internal sealed class BuildAnswers(BuildUpdater updater, SavePause pause, QuietLogger<BuildAnswers> logger, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelayWhenKept = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<TriggerAnswer> _kept = [];
    private readonly HashSet<UnderWay> _underWay = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isClosed;

    /// <summary>Gets a value indicating whether no runner is asked any more, because this process ends.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Saves an answer. What cannot be saved in the time of a step is kept, and tried again without anybody who waits.</summary>
    public async Task<Outcome> SaveAsync(TriggerAnswer answer)
    {
        using var underWay = Follow(answer);
        var start = timeProvider.GetTimestamp();
        var isFirst = !IsKept(answer);
        for (var failures = 0; ; isFirst = false)
        {
            try
            {
                return await ApplyAsync(answer, isFirst).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // The delivery is held meanwhile: else another process takes it, which knows of no answer and may end the build while that of the runner runs on.
                var delay = RunnerTimes.SaveDelay(++failures, LongestDelay);
                if (_stop.IsCancellationRequested || timeProvider.GetElapsedTime(start) + delay > RunnerTimes.StoreTime)
                {
                    Keep(answer);
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

    /// <summary>Saves what is known of a build and was not saved, before anything is decided about it.</summary>
    public async Task SaveAllAsync(Delivery delivery)
    {
        while (Guid.TryParse(delivery.Message.Id, out var id) && FindKept(id) is { } answer)
        {
            await SaveAsync(answer).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that a runner is being asked, until what it answers is saved.</summary>
    public IDisposable Follow() => Follow(answer: null);

    /// <summary>Has no further runner asked.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Waits for the answers of the runners that are being asked, and tries once more to save those that are kept: nobody else knows of them.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // One that ends may begin another.
        while (!cancellationToken.IsCancellationRequested && UnderWayNow() is { Length: > 0 } underWay)
        {
            await Task.WhenAll(underWay).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        TriggerAnswer[] unsaved;
        lock (_gate)
        {
            unsaved = [.. _kept.Concat(_underWay.Select(static it => it.Answer).OfType<TriggerAnswer>()).Distinct()];
        }

        foreach (var answer in unsaved)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();

                // A driver that blocks must not hold up the host for longer than it waits.
                await Task.Run(() => ApplyAsync(answer, isFirst: false), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
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

    // The first time nobody has most likely changed the build since the runner was asked. Later it is read, because it may have been saved although that failed.
    private async Task<Outcome> ApplyAsync(TriggerAnswer answer, bool isFirst)
    {
        var reading = isFirst ? answer.Asked : await updater.ReadAsync(answer.Id, CancellationToken.None).ConfigureAwait(false);
        var update = await updater.UpdateAsync(reading, it => TriggerAnswerDecision.Decide(it, answer, wasCancelled: null), answer.Messages, CancellationToken.None).ConfigureAwait(false);
        if (update.Outcome is null)
        {
            var wasCancelled = await (answer.Cancel ??= CancelAsync(answer)).ConfigureAwait(false);
            update = await updater.UpdateAsync(update.Reading, it => TriggerAnswerDecision.Decide(it, answer, wasCancelled), answer.Messages, CancellationToken.None).ConfigureAwait(false);
        }

        Forget(answer);
        if (update is { IsSaved: true, Build.Status: BuildStatus.Failed } && answer.Rejection is { } rejection)
        {
            Log.TriggerRejected(logger, answer.Client.Name, answer.Id, rejection.Message);
        }

        return update.Outcome!;
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

    private Task[] UnderWayNow()
    {
        lock (_gate)
        {
            return [.. _underWay.Select(static it => it.Ended)];
        }
    }

    // Noted before it begins, so that there is no moment in which nobody waits for it.
    private UnderWay Follow(TriggerAnswer? answer)
    {
        UnderWay underWay = new(this, answer);
        lock (_gate)
        {
            _underWay.Add(underWay);
        }

        return underWay;
    }

    private TriggerAnswer? FindKept(Guid id)
    {
        lock (_gate)
        {
            return _kept.Find(answer => answer.Id == id);
        }
    }

    private bool IsKept(TriggerAnswer answer)
    {
        lock (_gate)
        {
            return _kept.Contains(answer);
        }
    }

    private void Keep(TriggerAnswer answer)
    {
        lock (_gate)
        {
            if (_kept.Contains(answer))
            {
                return;
            }

            _kept.Add(answer);
        }

        _ = SaveLaterAsync(answer);
    }

    private void Forget(TriggerAnswer answer)
    {
        lock (_gate)
        {
            _kept.Remove(answer);
        }
    }

    // The next delivery may be in another process.
    private async Task SaveLaterAsync(TriggerAnswer answer)
    {
        for (var failures = 2; IsKept(answer); failures++)
        {
            try
            {
                await Task.Delay(RunnerTimes.SaveDelay(failures, LongestDelayWhenKept), timeProvider, _stop.Token).ConfigureAwait(false);
                if (IsKept(answer))
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

    private sealed class UnderWay(BuildAnswers answers, TriggerAnswer? answer) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TriggerAnswer? Answer => answer;

        public Task Ended => _ended.Task;

        public void Dispose()
        {
            lock (answers._gate)
            {
                answers._underWay.Remove(this);
            }

            _ended.SetResult();
        }
    }
}
