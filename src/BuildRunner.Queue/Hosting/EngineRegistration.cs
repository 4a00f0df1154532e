using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>Which engine the queue has.</summary>
/// <param name="Method">The method that the program called, for the messages of exceptions.</param>
/// <param name="Create">What makes the engine.</param>
internal sealed record EngineRegistration(string Method, Func<IServiceProvider, IQueueEngine> Create);
