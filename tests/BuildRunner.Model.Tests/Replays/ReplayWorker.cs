using BuildRunner.Model.Builds;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>A real handler of one delivery, or a caller, which stands before one of its calls until it is let go on.</summary>
internal sealed class ReplayWorker(ReplayMessage message, Claim? claim, ReplayGrain grain)
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(2);

    private readonly TaskCompletionSource<Outcome> _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReplayMessage Message => message;

    public Lease Lease => claim!.Lease;

    public Delivery Delivery => claim!.Delivery;

    /// <summary>Gets the call before which it stands.</summary>
    public Call Call { get; private set; }

    public bool IsHolder { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the runner has answered, and nothing was read or saved since.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Gets a value indicating whether the delivery was settled although a call of it still runs.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Begins the handling, up to the first call.</summary>
    public async Task StartAsync(Func<Task<Queue.Outcome>> handleAsync)
    {
        _ = RunAsync(handleAsync);
        await _moved.Task.WaitAsync(Safety);
    }

    public Task MeetAsync(ReplayCall call)
    {
        if (grain(this, call) is not { } held)
        {
            return Task.CompletedTask;
        }

        (_gate, Call) = (new(), held);
        _moved.TrySetResult();
        return _gate.Task;
    }

    /// <summary>Makes the call, and goes on to the next one or to the end.</summary>
    public async Task GoOnAsync()
    {
        (_moved, Call) = (new(TaskCreationOptions.RunContinuationsAsynchronously), Call.None);
        _gate.SetResult();

        // Nothing waits for anything else, so it has moved by now. That a late one has ended is said by nothing.
        if (!IsLate)
        {
            await _moved.Task.WaitAsync(Safety);
        }
    }

    /// <summary>Waits for the end of a delivery whose call was given up.</summary>
    public async Task<Queue.Outcome> GiveUpAsync()
    {
        var outcome = await OutcomeAsync();
        IsLate = true;
        return outcome;
    }

    public async Task<Queue.Outcome> OutcomeAsync() => (await _handled.Task.WaitAsync(Safety)).Value;

    private async Task RunAsync(Func<Task<Queue.Outcome>> handleAsync)
    {
        try
        {
            var outcome = await handleAsync().ConfigureAwait(false);
            _handled.SetResult(new(outcome));
            Call = Call == Call.None ? Call.Settle : Call;
        }
        catch (Exception exception)
        {
            _handled.SetException(exception);
        }

        _moved.TrySetResult();
    }

    private sealed record Outcome(Queue.Outcome Value);
}
