namespace BuildRunner.Testing;

/// <summary>Represents a planned failure, which waits for the call or calls that it is for.</summary>
/// <remarks>Safe for concurrent use. Ignore it unless a test needs to know when it happens, or to withdraw it.</remarks>
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

    /// <summary>Gets a task that completes when a call has met the failure. For <see cref="FakeFailure.Hangs"/>, that is when the call
    /// begins to hang.</summary>
    public Task Reached => _reached.Task;

    internal FakeFailure Failure { get; }

    /// <summary>Withdraws the failure, so that no later call meets it. A call that is hanging fails as with <see
    /// cref="FakeFailure.TimesOut"/>.</summary>
    public void Dispose()
    {
        _withdraw(this);
        _released.TrySetResult();
    }

    internal void Reach() => _reached.TrySetResult();

    internal Task HangAsync(CancellationToken cancellationToken) => _released.Task.WaitAsync(cancellationToken);
}
