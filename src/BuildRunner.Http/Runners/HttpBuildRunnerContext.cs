namespace BuildRunner.Http;

/// <summary>
/// Provides the options and the backends of a runner over HTTP to its factory.
/// </summary>
/// <typeparam name="TOptions">The type of the runner's options.</typeparam>
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
    /// Gets the validated options of the runner.
    /// </summary>
    public TOptions Options { get; }

    /// <summary>
    /// Gets the <see cref="System.TimeProvider"/> of the services, or <see cref="System.TimeProvider.System"/> if they have none.
    /// </summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>
    /// Creates a backend that lives as long as the runner.
    /// </summary>
    /// <param name="options">The options of the backend. Its handler, timeout and time provider are replaced with those of the
    /// runner.</param>
    /// <returns>The backend. The services dispose it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    public HttpBackend CreateBackend(HttpBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        HttpBackend backend = new(
            options with { CreateHandler = Options.CreateHandler, TimeProvider = TimeProvider, CallTimeout = Options.CallTimeout });
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
