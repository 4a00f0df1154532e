namespace BuildRunner.Orchestration.Registration;

/// <summary>That an observer was added. It is not a service of the type of its interface, because a scope disposes of what such a
/// registration returns, although it may be somebody else's.</summary>
internal sealed record ObserverRegistration(Type Type, Func<IServiceProvider, IBuildObserver> Resolve);
