using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of a queue in memory.
/// </summary>
public static class InMemoryQueueBuilderExtensions
{
    /// <summary>
    /// Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in the memory of this process, for tests and demonstrations. They are gone when it ends.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The queue, or what is built on it.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Replaces the database that was chosen before, as each of these methods does: the last one that is called wins.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder UseInMemory<TBuilder>(this TBuilder builder)
        where TBuilder : IQueueBuilder =>
        builder.UseEngine(static provider => new InMemoryQueueEngine(provider.GetRequiredService<TimeProvider>()));
}
