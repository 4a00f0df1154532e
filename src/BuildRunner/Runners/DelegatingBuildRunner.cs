namespace BuildRunner;

/// <summary>Provides a base class for decorators: a runner that forwards every member to an inner runner.</summary>
/// <remarks>Not disposable, so that a container that creates both runners disposes the inner one once. As safe for concurrent use as the
/// inner runner.</remarks>
public abstract class DelegatingBuildRunner : IBuildRunner
{
    /// <summary>Initializes a new instance of the <see cref="DelegatingBuildRunner"/> class.</summary>
    /// <param name="inner">The runner to forward to.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is <see langword="null"/>.</exception>
    protected DelegatingBuildRunner(IBuildRunner inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>Gets the runner to forward to.</summary>
    protected IBuildRunner Inner { get; }

    /// <summary>Gets a value indicating whether <see cref="BuildRunnerExtensions.As{T}"/> may look into <see cref="Inner"/>. Return <see
    /// langword="false"/> from a decorator that changes ids or requests, because a side interface of the inner runner would not know
    /// them.</summary>
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

    /// <summary>Determines whether <see cref="BuildRunnerExtensions.As{T}"/> may return this decorator as a side interface that it
    /// implements. If the implementation relies on <see cref="Inner"/>, return <see langword="false"/> when the inner runner does not have
    /// the interface.</summary>
    /// <param name="sideInterface">The side interface, such as <see cref="IBuildFinder"/>.</param>
    /// <returns><see langword="true"/>, unless overridden.</returns>
    protected virtual bool Offers(Type sideInterface) => true;
}
