using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Saves what runners have answered to triggers, and keeps what cannot be saved until it is. An answer is of the process that got it, so it is lost with that alone.</summary>
internal sealed class BuildAnswers(SavePause pause, ILogger<BuildAnswers> logger, TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelayWhenKept = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<BuildAnswer>> _unsaved = [];
    private readonly Dictionary<Task, BuildAnswer?> _underWay = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isClosed;

    /// <summary>Gets a value indicating whether no runner is asked any more, because this process ends.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Saves an answer. What cannot be saved in the time of a step is kept, and tried again without anybody who waits.</summary>
    public Task<Outcome> SaveAsync(BuildAnswer answer) => FollowAsync(() => SaveInTimeAsync(answer), answer);

    /// <summary>Saves what is known of a build and was not saved, before anything is decided about it.</summary>
    public async Task SaveAllAsync(Delivery delivery)
    {
        while (Guid.TryParse(delivery.Message.Id, out var id) && Find(id) is { } answer)
        {
            await SaveAsync(answer).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that a runner is being asked, until what it answers is saved.</summary>
    public Task<Outcome> FollowAsync(Func<Task<Outcome>> trigger) => FollowAsync(trigger, answer: null);

    /// <summary>Has no further runner asked.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Waits for the answers of the runners that are being asked, and tries once more to save those that are kept: nobody else knows of them.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // One that ends may begin another.
        while (!cancellationToken.IsCancellationRequested && UnderWay() is { Length: > 0 } underWay)
        {
            await Task.WhenAll(underWay).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        BuildAnswer[] unsaved;
        lock (_gate)
        {
            unsaved = [.. _unsaved.Values.SelectMany(static answers => answers).Concat(_underWay.Values.OfType<BuildAnswer>()).Distinct()];
        }

        foreach (var answer in unsaved)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();

                // A driver that blocks must not hold up the host for longer than it waits.
                await Task.Run(answer.Save, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
                Remove(answer);
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

    private Task[] UnderWay()
    {
        lock (_gate)
        {
            return [.. _underWay.Keys];
        }
    }

    // Noted before it begins, so that there is no moment in which nobody waits for it.
    private async Task<Outcome> FollowAsync(Func<Task<Outcome>> begin, BuildAnswer? answer)
    {
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _underWay.Add(end.Task, answer);
        }

        try
        {
            return await begin().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(end.Task);
            }

            end.SetResult();
        }
    }

    private async Task<Outcome> SaveInTimeAsync(BuildAnswer answer)
    {
        var start = timeProvider.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                var outcome = await answer.Save().ConfigureAwait(false);
                Remove(answer);
                return outcome;
            }
            catch (Exception exception)
            {
                // The delivery is held meanwhile: else another process takes it, which knows of no answer and may end the build while that of the runner runs on.
                var delay = RunnerTimes.SaveDelay(failures, LongestDelay);
                if (_stop.IsCancellationRequested || timeProvider.GetElapsedTime(start) + delay > RunnerTimes.StoreTime)
                {
                    Log.AnswerNotSaved(logger, answer.Client.Name, answer.Id, answer.Text, exception);
                    Keep(answer);
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

    private BuildAnswer? Find(Guid id)
    {
        lock (_gate)
        {
            return _unsaved.TryGetValue(id, out var answers) ? answers[0] : null;
        }
    }

    private void Keep(BuildAnswer answer)
    {
        lock (_gate)
        {
            var answers = _unsaved.TryGetValue(answer.Id, out var known) ? known : _unsaved[answer.Id] = [];
            if (answers.Contains(answer))
            {
                return;
            }

            answers.Add(answer);
        }

        _ = SaveLaterAsync(answer);
    }

    private bool IsKept(BuildAnswer answer)
    {
        lock (_gate)
        {
            return _unsaved.TryGetValue(answer.Id, out var answers) && answers.Contains(answer);
        }
    }

    private void Remove(BuildAnswer answer)
    {
        lock (_gate)
        {
            if (_unsaved.TryGetValue(answer.Id, out var answers) && answers.Remove(answer) && answers.Count == 0)
            {
                _unsaved.Remove(answer.Id);
            }
        }
    }

    // The next delivery may be in another process.
    private async Task SaveLaterAsync(BuildAnswer answer)
    {
        for (var failures = 2; IsKept(answer); failures++)
        {
            try
            {
                await Task.Delay(RunnerTimes.SaveDelay(failures, LongestDelayWhenKept), timeProvider, _stop.Token).ConfigureAwait(false);
                if (IsKept(answer))
                {
                    await answer.Save().ConfigureAwait(false);
                    Remove(answer);
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
}
