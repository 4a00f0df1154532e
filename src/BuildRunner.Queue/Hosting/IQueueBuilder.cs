using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Queue;

/// <summary>
/// Represents what keeps its messages in a queue while a program is being set up: the queue itself, or what is built on it.
/// </summary>
/// <remarks>The methods that choose a database, such as <c>UseInMemory</c> and <c>UseSqlite</c>, extend it, so that they can be called on
/// every such builder. It may gain members in a minor version: mock it, do not implement it.</remarks>
public interface IQueueBuilder
{
    /// <summary>
    /// Gets the services that are added to.
    /// </summary>
    IServiceCollection Services { get; }
}
