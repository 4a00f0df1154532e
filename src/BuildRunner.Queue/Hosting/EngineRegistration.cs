using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Queue.Hosting;

/// <summary>Which engine the queue has.</summary>
/// <param name="Create">Creates the engine.</param>
/// <param name="Services">The services that came with the engine, and leave with it.</param>
internal sealed record EngineRegistration(Func<IServiceProvider, IQueueEngine> Create, IReadOnlyList<ServiceDescriptor> Services);
