namespace BuildRunner.Queue;

/// <summary>Represents a builder for the queue, or for a feature that uses the queue.</summary>
/// <remarks>The methods that choose a database, such as <c>UseInMemory</c> and <c>UseSqlite</c>, extend it. It may gain members in a minor
/// version: mock it, do not implement it.</remarks>
public interface IQueueBuilder
{
    /// <summary>Gets the service collection.</summary>
    IServiceCollection Services { get; }
}
