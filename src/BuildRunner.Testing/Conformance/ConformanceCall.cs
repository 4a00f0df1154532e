namespace BuildRunner.Testing;

/// <summary>Defines the calls from a runner to its backend into which a harness can inject a fault.</summary>
public enum ConformanceCall
{
    /// <summary>The create of <see cref="IBuildRunner.TriggerAsync"/>.</summary>
    Trigger,

    /// <summary>The read of <see cref="IBuildRunner.StatusAsync"/>.</summary>
    Status,

    /// <summary>The stop of <see cref="IBuildRunner.CancelAsync"/>, without the reads of the state before and after it.</summary>
    Cancel,
}
