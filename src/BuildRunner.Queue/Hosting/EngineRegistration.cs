using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Queue.Hosting;

/// <summary>Represents the registered engine of the queue.</summary>
/// <param name="Create">Creates the engine.</param>
/// <param name="Services">The services registered with the engine, and removed with it.</param>
internal sealed record EngineRegistration(Func<IServiceProvider, IQueueEngine> Create, IReadOnlyList<ServiceDescriptor> Services);
