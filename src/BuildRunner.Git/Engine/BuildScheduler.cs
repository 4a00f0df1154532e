using System.Runtime.Versioning;
using System.Threading.Channels;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Runs what is in the queue of a state directory, the oldest first, as many builds at a time as this process may, until it is stopped.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class BuildScheduler : IAsyncDisposable
{
    // How long it takes until a process sees what another has done. Less than a second, which is what a person takes for at once.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(800);

    private readonly GitBuildState _state;
    private readonly DiskRoom _room;
    private readonly GitBuildRunnerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly StepReached? _reached;
    private readonly StateSweep _sweep;
    private readonly Backoff _backoff;

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RunningBuild> _running = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _tasks = [];
    private readonly ITimer _timer;
    private readonly Task _loop;
    private Task _makingRoom = Task.CompletedTask;
    private bool _isMakingRoom;
    private bool _hasMadeRoom;

    // Whether to look for what other processes have done, which is to ask about every build in the queue.
    private bool _isOthersTurn = true;

    public BuildScheduler(GitBuildState state, DiskRoom room, GitBuildRunnerOptions options, TimeProvider timeProvider, ILogger logger, StepReached? reached)
    {
        _state = state;
        _room = room;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _reached = reached;
        _sweep = new StateSweep(state, options, timeProvider, logger);
        _backoff = new Backoff(Period, timeProvider);
        _timer = timeProvider.CreateTimer(static scheduler => ((BuildScheduler)scheduler!).WakeForOthers(), this, Period, Period);
        _loop = Task.Run(LoopAsync);
        Wake();
    }

    /// <summary>Says that there may be something to do.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    private void WakeForOthers()
    {
        Volatile.Write(ref _isOthersTurn, true);
        Wake();
    }

    /// <summary>Stops a build, if it is this process that runs it.</summary>
    public bool TryCancel(BuildId id)
    {
        lock (_lock)
        {
            if (!_running.TryGetValue(id.Value, out var build))
            {
                return false;
            }

            build.Cancel();
            return true;
        }
    }

    /// <summary>Gets what a build waits for in order to be ended, where it is this process that has run it and it does wait.</summary>
    public string? FindWait(BuildId id) => FindRunning(id.Value)?.WaitsFor;

    /// <summary>Begins no build any more, stops those that run and gives them back to the queue. Can be repeated.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _wake.Writer.TryComplete();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        Task[] tasks;
        lock (_lock)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks).ConfigureAwait(false);
        await _sweep.Pruning.ConfigureAwait(false);
        await _makingRoom.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        while (await _wake.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _wake.Reader.TryRead(out _);
            try
            {
                MakeRoomIfDue();
                _sweep.RunIfDue(_stopping.Token);
                LookForBuilds();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // What is left of the work trees is for the next process.
            }
            catch (Exception exception)
            {
                // The next time may be better; nobody waits for an answer here, and without this loop nothing would run any more.
                LogNotLooked(exception, _state.Layout.Root);
            }
        }
    }

    private void MakeRoomIfDue()
    {
        // Not again at once: it wakes the loop itself when it is done.
        if (!Volatile.Read(ref _isMakingRoom) && !Interlocked.Exchange(ref _hasMadeRoom, false) && _room.IsDue())
        {
            Volatile.Write(ref _isMakingRoom, true);
            _makingRoom = MakeRoomAsync();
        }
    }

    private async Task MakeRoomAsync()
    {
        try
        {
            await _room.MakeAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next process needs the room.
        }
        catch (Exception exception)
        {
            LogNotLooked(exception, _state.Layout.Root);
        }
        finally
        {
            Volatile.Write(ref _hasMadeRoom, true);
            Volatile.Write(ref _isMakingRoom, false);
            Wake();
        }
    }

    private void LookForBuilds()
    {
        var isOthersTurn = Interlocked.Exchange(ref _isOthersTurn, false);
        if (!isOthersTurn && !HasRoom())
        {
            return;
        }

        var pending = _state.Store.Pending();
        if (isOthersTurn)
        {
            _backoff.Keep(pending);
        }

        foreach (var id in pending)
        {
            var hasRoom = HasRoom();
            if (_stopping.IsCancellationRequested || (!isOthersTurn && !hasRoom))
            {
                return;
            }

            if (FindRunning(id) is not { } running)
            {
                TryStart(id, hasRoom);
            }
            else if (isOthersTurn && !running.CancelRequested.IsCancellationRequested && _state.Store.IsCancelRequested(id))
            {
                running.Cancel();
            }
        }
    }

    private bool HasRoom()
    {
        // A build that began before would fail for the room that is just being made.
        if (Volatile.Read(ref _isMakingRoom))
        {
            return false;
        }

        lock (_lock)
        {
            return _running.Values.Count(static build => build.TakesRoom) < _options.Concurrency;
        }
    }

    private void LeaveRoom(RunningBuild running)
    {
        lock (_lock)
        {
            running.TakesRoom = false;
        }

        Wake();
    }

    private RunningBuild? FindRunning(string id)
    {
        lock (_lock)
        {
            return _running.GetValueOrDefault(id);
        }
    }

    private void TryStart(string id, bool hasRoom)
    {
        if (!_backoff.MayTry(id) || (!hasRoom && !_state.Store.IsCancelRequested(id)) || TryClaim(id) is not { } claim)
        {
            return;
        }

        var running = new RunningBuild(new ClaimedBuild(new BuildId(id), claim, _state.Store, _logger), hasRoom);
        lock (_lock)
        {
            _running[id] = running;
            var task = Task.Run(() => RunAsync(running));
            _tasks.Add(task);
            _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private FileLock? TryClaim(string id)
    {
        try
        {
            return _state.Store.TryClaim(id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It must not keep those behind it from being run.
            FailToTakeUp(exception, new BuildId(id));
            return null;
        }
    }

    private void FailToTakeUp(Exception exception, BuildId id)
    {
        if (_backoff.Fail(id.Value))
        {
            LogNotTakenUp(exception, id);
        }
    }

    private void Remove(Task task)
    {
        lock (_lock)
        {
            _tasks.Remove(task);
        }
    }

    private async Task RunAsync(RunningBuild running)
    {
        try
        {
            _reached?.Invoke(Step.Claimed);
            if (await running.Build.TakeUpAsync().ConfigureAwait(false) is { } record)
            {
                await RunAsync(running, record).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // The build stays in the queue, and a later look at it may do better.
            FailToTakeUp(exception, running.Build.Id);
        }
        finally
        {
            running.Dispose();
            lock (_lock)
            {
                _running.Remove(running.Build.Id.Value);
            }
        }

        Wake();
    }

    private async Task RunAsync(RunningBuild running, BuildRecord record)
    {
        GitBuildExecution execution = new(running.Build.Id, record, _state, _room, _options, _timeProvider, _reached);
        if (await DecideAsync(running, execution).ConfigureAwait(false) is not { } outcome)
        {
            running.Build.GiveBack(execution.HasLeftProcesses);
            return;
        }

        // Nothing runs of it any more, and its end is mostly waiting for the disk.
        LeaveRoom(running);
        for (var delay = Period; ; delay = Backoff.After(delay))
        {
            try
            {
                running.Build.End(record, outcome);
                return;
            }
            catch (Exception exception) when ((exception is IOException or UnauthorizedAccessException) && !_stopping.IsCancellationRequested)
            {
                running.WaitsFor = _room.Lacks(exception) ? "room on the disk" : "the disk";
                if (delay == Period)
                {
                    LogNotEnded(exception, running.Build.Id, outcome.Status);
                }
            }

            await Task.Delay(delay, _timeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task<GitBuildOutcome?> DecideAsync(RunningBuild running, GitBuildExecution execution)
    {
        // After the build is known as running here, so that no request gets lost in between.
        if (running.Build.IsCancelRequested)
        {
            return GitBuildOutcome.Cancelled;
        }

        try
        {
            return await execution.RunAsync(running.CancelRequested, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!execution.HasBegun && _room.Lacks(exception))
        {
            // Nothing of it has run, so it waits for room as it would have waited to be accepted.
            running.Build.GiveBack(hasLeftProcesses: false);
            throw;
        }
        catch (Exception exception)
        {
            // The end of the line: whatever went wrong, the build ends and says so.
            LogBroken(exception, running.Build.Id);
            return GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }
    }

    [LoggerMessage(LogLevel.Error, "Build {BuildId} broke")]
    private partial void LogBroken(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Error, "Build {BuildId} has ended as {Status}, which cannot be written yet; it is tried again until it can")]
    private partial void LogNotEnded(Exception exception, BuildId buildId, BuildStatus status);

    [LoggerMessage(LogLevel.Error, "Build {BuildId} cannot be taken up yet; it is tried again until it can")]
    private partial void LogNotTakenUp(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Error, "The state directory {Path} cannot be looked through")]
    private partial void LogNotLooked(Exception exception, string path);
}
