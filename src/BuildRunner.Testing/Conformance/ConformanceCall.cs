namespace BuildRunner.Testing;

/// <summary>
/// Defines the calls of a runner to its backend that a harness is asked to let go wrong.
/// </summary>
public enum ConformanceCall
{
    /// <summary>The create of <see cref="IBuildRunner.TriggerAsync"/>.</summary>
    Trigger,

    /// <summary>The read of <see cref="IBuildRunner.StatusAsync"/>.</summary>
    Status,

    /// <summary>The stop of <see cref="IBuildRunner.CancelAsync"/>, not the read of a state before or after it.</summary>
    Cancel,
}
