namespace BuildRunner;

/// <summary>
/// Provides the base of a decorator: a runner that forwards every member to another one.
/// </summary>
/// <remarks>
/// Not disposable, so that a container which creates both disposes the inner runner once. As safe for concurrent use as the inner runner.
/// </remarks>
public abstract class DelegatingBuildRunner : IBuildRunner
{
    /// <summary>
    /// Initializes a new instance of the <see cref="DelegatingBuildRunner"/> class.
    /// </summary>
    /// <param name="inner">The runner to forward to.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is <see langword="null"/>.</exception>
    protected DelegatingBuildRunner(IBuildRunner inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>
    /// Gets the runner that this one forwards to.
    /// </summary>
    protected IBuildRunner Inner { get; }

    /// <summary>
    /// Gets a value indicating whether <see cref="BuildRunnerExtensions.As{T}"/> may look into <see cref="Inner"/>. A decorator that changes ids or requests returns <see langword="false"/>, because a side interface of the inner runner would not know them.
    /// </summary>
    protected virtual bool ExposesInner => true;

    internal IBuildRunner? ExposedInner => ExposesInner ? Inner : null;

    /// <inheritdoc/>
    public virtual Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        Inner.TriggerAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Inner.StatusAsync(buildId, cancellationToken);

    /// <inheritdoc/>
    public virtual Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Inner.CancelAsync(buildId, cancellationToken);

    internal T? OfferedAs<T>()
        where T : class => this is T found && Offers(typeof(T)) ? found : null;

    /// <summary>
    /// Determines whether <see cref="BuildRunnerExtensions.As{T}"/> may find this decorator as a side interface that it implements. A decorator that implements one with the help of <see cref="Inner"/> returns <see langword="false"/> where the inner runner does not have it.
    /// </summary>
    /// <param name="sideInterface">The side interface, such as <see cref="IBuildFinder"/>.</param>
    /// <returns><see langword="true"/>, unless overridden.</returns>
    protected virtual bool Offers(Type sideInterface) => true;
}
