namespace BuildRunner.Orchestration.Registration;

/// <summary>Represents an observer. It is not registered by its interface, because a scope disposes what a factory returns, even if
/// something else owns it.</summary>
internal sealed record ObserverRegistration(Type Type, Func<IServiceProvider, IBuildObserver> Resolve);
