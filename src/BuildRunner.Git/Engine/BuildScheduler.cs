using System.Runtime.Versioning;
using System.Threading.Channels;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Runs the queued builds of a state directory until it is stopped: the oldest first, and no more at a time than the options
/// allow.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class BuildScheduler : IAsyncDisposable
{
    // How soon a process sees what another one did. People perceive less than a second as immediate.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(800);

    private readonly GitBuildState _state;
    private readonly DiskRoom _room;
    private readonly ILogger _logger;
    private readonly StepReached? _reached;
    private readonly StateSweep _sweep;
    private readonly Backoff _backoff;

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunningBuilds _running;
    private readonly BuildRun _run;
    private readonly ITimer _timer;
    private readonly Task _loop;
    private Task _makingRoom = Task.CompletedTask;
    private bool _isMakingRoom;
    private bool _hasMadeRoom;

    // Whether to look for the work of other processes, which means to read every build in the queue.
    private bool _isOthersTurn = true;

    public BuildScheduler(
        GitBuildState state,
        DiskRoom room,
        GitBuildRunnerOptions options,
        TimeProvider timeProvider,
        ILogger logger,
        StepReached? reached)
    {
        _state = state;
        _room = room;
        _logger = logger;
        _reached = reached;
        _sweep = new StateSweep(state, options, timeProvider, logger);
        _backoff = new Backoff(Period, timeProvider);
        _running = new RunningBuilds(options);
        _run = new BuildRun(state, room, options, Period, timeProvider, logger, reached);
        _timer = timeProvider.CreateTimer(static scheduler => ((BuildScheduler)scheduler!).WakeForOthers(), this, Period, Period);
        _loop = Task.Run(LoopAsync);
        Wake();
    }

    /// <summary>Makes the scheduler look for work.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    private void WakeForOthers()
    {
        Volatile.Write(ref _isOthersTurn, true);
        Wake();
    }

    /// <summary>Cancels a build if this process runs it.</summary>
    public bool TryCancel(BuildId id) => _running.TryCancel(id.Value);

    /// <summary>Gets what a build that this process has run waits for before it can end, or <see langword="null"/> if it does not
    /// wait.</summary>
    public string? FindWait(BuildId id) => _running.Find(id.Value)?.WaitsFor;

    /// <summary>Starts no more builds, stops the running ones and returns them to the queue. Can be called again.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _wake.Writer.TryComplete();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await _running.WaitAsync().ConfigureAwait(false);
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
                // The next process deletes the rest of the work trees.
            }
            catch (Exception exception)
            {
                // The next round may succeed. Without this loop nothing would run any more.
                LogNotLooked(exception, _state.Layout.Root);
            }
        }
    }

    private void MakeRoomIfDue()
    {
        // Not again immediately: making room wakes this loop when it is done.
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

        var pending = _state.Store.Queue.Ids();
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

            if (_running.Find(id) is not { } running)
            {
                TryStart(id, hasRoom);
            }
            else if (isOthersTurn && !running.CancelRequested.IsCancellationRequested && _state.Store.IsCancelRequested(id))
            {
                running.Cancel();
            }
        }
    }

    // A build that starts now could fail for the room that is being made.
    private bool HasRoom() => !Volatile.Read(ref _isMakingRoom) && _running.HasRoom;

    private void TryStart(string id, bool hasRoom)
    {
        if (!_backoff.MayTry(id) || (!hasRoom && !_state.Store.IsCancelRequested(id)) || TryClaim(id) is not { } claim)
        {
            return;
        }

        var running = new RunningBuild(new ClaimedBuild(new BuildId(id), claim, _state.Store, _logger), hasRoom);
        _running.Start(running, () => RunAsync(running));
    }

    private FileLock? TryClaim(string id)
    {
        try
        {
            return _state.Store.Queue.TryClaim(id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Must not block the builds behind it.
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

    private async Task RunAsync(RunningBuild running)
    {
        try
        {
            _reached?.Invoke(Step.Claimed);
            if (await running.Build.TakeUpAsync().ConfigureAwait(false) is { } record)
            {
                await _run.RunAsync(running, record, () => LeaveRoom(running), _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // The build stays in the queue and is retried later.
            FailToTakeUp(exception, running.Build.Id);
        }
        finally
        {
            running.Dispose();
            _running.Remove(running);
        }

        Wake();
    }

    private void LeaveRoom(RunningBuild running)
    {
        _running.LeaveRoom(running);
        Wake();
    }

    [LoggerMessage(LogLevel.Error, "Could not start build {BuildId}; will retry")]
    private partial void LogNotTakenUp(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Error, "Could not look for builds in the state directory {Path}; will retry")]
    private partial void LogNotLooked(Exception exception, string path);
}
