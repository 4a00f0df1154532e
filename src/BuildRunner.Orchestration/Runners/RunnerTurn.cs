using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Represents the permission of a step to call its runner. Dispose it after the calls.</summary>
internal readonly struct RunnerTurn(Outcome? wait, IReadOnlyList<RunnerGate>? trying) : IDisposable
{
    /// <summary>Gets when to come back, or <see langword="null"/> to call the runner.</summary>
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
