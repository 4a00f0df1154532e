namespace BuildRunner.Http;

/// <summary>
/// Provides what a runner over HTTP is made of when the services create it.
/// </summary>
/// <typeparam name="TOptions">The options of the runner.</typeparam>
public sealed class HttpBuildRunnerContext<TOptions> : IDisposable
    where TOptions : HttpBuildRunnerOptions
{
    private readonly List<HttpBackend> _backends = [];

    internal HttpBuildRunnerContext(IServiceProvider services, TOptions options)
    {
        Options = options;
        TimeProvider = services.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System;
    }

    /// <summary>
    /// Gets the options of the runner, validated.
    /// </summary>
    public TOptions Options { get; }

    /// <summary>
    /// Gets the clock of the services, or that of the system.
    /// </summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>
    /// Creates a backend that lives as long as the runner.
    /// </summary>
    /// <param name="options">What is particular about the service. The handler, the time limit and the clock are those of the runner.</param>
    /// <returns>The backend. The services dispose of it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public HttpBackend CreateBackend(HttpBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        HttpBackend backend = new(options with { CreateHandler = Options.CreateHandler, TimeProvider = TimeProvider, CallTimeout = Options.CallTimeout });
        _backends.Add(backend);
        return backend;
    }

    void IDisposable.Dispose()
    {
        foreach (var backend in _backends)
        {
            backend.Dispose();
        }
    }
}
