namespace BuildRunner;

/// <summary>
/// Provides what can be asked of every <see cref="IBuildRunner"/> beside its three members.
/// </summary>
public static class BuildRunnerExtensions
{
    /// <summary>
    /// Triggers a build of a head on a base.
    /// </summary>
    /// <param name="runner">The runner.</param>
    /// <param name="base">The changes that are assumed to be good, in order; <see langword="null"/> is the same as empty.</param>
    /// <param name="head">The changes under test, in order; <see langword="null"/> is the same as empty.</param>
    /// <param name="metadata">What to attach to the build; <see langword="null"/> is the same as empty.</param>
    /// <param name="cancellationToken">A token that abandons the call. After that the outcome is unknown.</param>
    /// <returns>The id under which the build is known from now on.</returns>
    /// <remarks>
    /// The same as <see cref="IBuildRunner.TriggerAsync"/> with a <see cref="BuildRequest"/> that has no key. In a test that uses a substitute, match the request of that member: this is an extension, and a mocking library cannot see its arguments.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An item of a list is <see langword="null"/>.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">The answer was lost: a build may have been created.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. Nothing was created, and the request is not at fault.</exception>
    /// <exception cref="BuildRunnerException">The request was rejected or the call failed. Nothing was created.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<BuildId> TriggerAsync(
        this IBuildRunner runner,
        IReadOnlyList<Change>? @base,
        IReadOnlyList<Change>? head,
        BuildMetadata? metadata = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return runner.TriggerAsync(new BuildRequest { Base = @base, Head = head, Metadata = metadata }, cancellationToken);
    }

    /// <summary>
    /// Finds a side interface, such as <see cref="IBuildFinder"/>, on a runner or on one that it decorates.
    /// </summary>
    /// <typeparam name="T">The side interface, or a concrete type of runner.</typeparam>
    /// <param name="runner">The runner to begin with.</param>
    /// <returns>The outermost runner that is a <typeparamref name="T"/> and offers it, or <see langword="null"/> if there is none or a decorator on the way does not expose its inner runner.</returns>
    /// <remarks>
    /// <see cref="IBuildStatusReader"/> is found on the outermost runner alone. It gives a status, as <see cref="IBuildRunner.StatusAsync"/> does, so a decorator that does not implement it would be passed by.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    public static T? As<T>(this IBuildRunner runner)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(runner);
        if (typeof(T) == typeof(IBuildStatusReader))
        {
            return Find<T>(runner);
        }

        for (IBuildRunner? current = runner; current is not null; current = (current as DelegatingBuildRunner)?.ExposedInner)
        {
            if (Find<T>(current) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static T? Find<T>(IBuildRunner runner)
        where T : class => runner is DelegatingBuildRunner decorator ? decorator.OfferedAs<T>() : runner as T;
}
