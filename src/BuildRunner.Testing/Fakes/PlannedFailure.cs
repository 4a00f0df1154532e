namespace BuildRunner.Testing;

/// <summary>
/// Represents a failure that waits for the call, or the calls, that it is for.
/// </summary>
/// <remarks>Safe for concurrent use. Who does not need to know whether it has happened, or to take it back, can ignore it.</remarks>
public sealed class PlannedFailure : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<PlannedFailure> _withdraw;

    internal PlannedFailure(FakeFailure failure, Action<PlannedFailure> withdraw)
    {
        Failure = failure;
        _withdraw = withdraw;
    }

    /// <summary>
    /// Gets a task that completes when a call has met the failure. For <see cref="FakeFailure.Hangs"/> that is when it has begun to hang.
    /// </summary>
    public Task Reached => _reached.Task;

    internal FakeFailure Failure { get; }

    /// <summary>
    /// Takes the failure back, so that no later call meets it. A call that hangs by it fails now, as by <see cref="FakeFailure.TimesOut"/>.
    /// </summary>
    public void Dispose()
    {
        _withdraw(this);
        _released.TrySetResult();
    }

    internal void Reach() => _reached.TrySetResult();

    internal Task HangAsync(CancellationToken cancellationToken) => _released.Task.WaitAsync(cancellationToken);
}
