namespace BuildRunner.Orchestration.Hosting;

/// <summary>That an observer was added.</summary>
/// <typeparam name="TObserver">The observer.</typeparam>
internal sealed class ObserverRegistration<TObserver>
    where TObserver : class, IBuildObserver;
