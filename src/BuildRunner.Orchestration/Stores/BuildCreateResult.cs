namespace BuildRunner.Orchestration;

/// <summary>Represents what became of one of several new builds.</summary>
/// <param name="IsCreated">Whether it is saved. If not, and without a failure, another build has the key.</param>
/// <param name="Failure">Why it is not saved, or, if the connection was lost, may not be; null for no failure.</param>
internal readonly record struct BuildCreateResult(bool IsCreated, Exception? Failure = null);
