using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Whether a step may call its runner now. Disposed of when its calls are over.</summary>
internal readonly struct RunnerTurn(Outcome? wait, IReadOnlyList<RunnerGate>? trying) : IDisposable
{
    /// <summary>Gets when the step comes back, or <see langword="null"/> if it may call the runner.</summary>
    public Outcome? Wait => wait;

    public static RunnerTurn ComeBack(TimeSpan delay) => new(Outcome.Postpone(delay), []);

    public void Dispose()
    {
        foreach (var gate in trying ?? [])
        {
            gate.Leave();
        }
    }
}
