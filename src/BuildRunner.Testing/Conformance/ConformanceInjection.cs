namespace BuildRunner.Testing;

/// <summary>
/// Represents a fault that a harness has set: it waits for a call, and is taken back when the kit does not need it any more.
/// </summary>
public sealed class ConformanceInjection : IAsyncDisposable
{
    private Func<ValueTask> _withdraw;

    /// <summary>
    /// Initializes a new instance of the <see cref="ConformanceInjection"/> class.
    /// </summary>
    /// <param name="reached">A task that completes when a call of the runner has met the fault; for <see cref="ConformanceFault.Hangs"/>, when the call has begun to hang.</param>
    /// <param name="withdraw">Takes the fault back: no later call meets it, and a call that hangs by it may end in any way. Called once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reached"/> or <paramref name="withdraw"/> is <see langword="null"/>.</exception>
    public ConformanceInjection(Task reached, Func<ValueTask> withdraw)
    {
        ArgumentNullException.ThrowIfNull(reached);
        ArgumentNullException.ThrowIfNull(withdraw);
        Reached = reached;
        _withdraw = withdraw;
    }

    /// <summary>
    /// Gets a task that completes when a call of the runner has met the fault.
    /// </summary>
    public Task Reached { get; }

    /// <summary>
    /// Takes the fault back.
    /// </summary>
    /// <returns>A task that completes when no later call can meet the fault.</returns>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _withdraw, static () => ValueTask.CompletedTask)();
}
