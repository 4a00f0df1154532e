namespace BuildRunner.Testing;

/// <summary>Represents an injected fault. It waits for a call, and is disposed when the kit no longer needs it.</summary>
public sealed class ConformanceInjection : IAsyncDisposable
{
    private Func<ValueTask> _withdraw;

    /// <summary>Initializes a new instance of the <see cref="ConformanceInjection"/> class.</summary>
    /// <param name="reached">A task that completes when a call of the runner has met the fault. For <see cref="ConformanceFault.Hangs"/>,
    /// that is when the call begins to hang.</param>
    /// <param name="withdraw">Withdraws the fault: no later call meets it, and a hanging call may end in any way. Called once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reached"/> or <paramref name="withdraw"/> is
    /// <see langword="null"/>.</exception>
    public ConformanceInjection(Task reached, Func<ValueTask> withdraw)
    {
        ArgumentNullException.ThrowIfNull(reached);
        ArgumentNullException.ThrowIfNull(withdraw);
        Reached = reached;
        _withdraw = withdraw;
    }

    /// <summary>Gets a task that completes when a call of the runner has met the fault.</summary>
    public Task Reached { get; }

    /// <summary>Withdraws the fault.</summary>
    /// <returns>A task that completes when no later call can meet the fault.</returns>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _withdraw, static () => ValueTask.CompletedTask)();
}
