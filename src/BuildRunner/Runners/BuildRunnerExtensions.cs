namespace BuildRunner;

/// <summary>Provides extension methods for <see cref="IBuildRunner"/>.</summary>
public static class BuildRunnerExtensions
{
    /// <summary>Triggers a build of a head on a base.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="base">The changes that are assumed to be good, in order. <see langword="null"/> means empty.</param>
    /// <param name="head">The changes under test, in order. <see langword="null"/> means empty.</param>
    /// <param name="metadata">The metadata to attach to the build. <see langword="null"/> means empty.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling abandons the call: a build may have been created.</param>
    /// <returns>The id of the build.</returns>
    /// <remarks>Same as <see cref="IBuildRunner.TriggerAsync"/> with a <see cref="BuildRequest"/> that has no key. If a test uses a
    /// substitute, match the request of that member: this is an extension method, and a mocking library cannot see its arguments.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A list contains <see langword="null"/>.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">The answer was lost: a build may have been created.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. Nothing was created, and the request is not
    /// to blame.</exception>
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

    /// <summary>Finds a side interface, such as <see cref="IBuildFinder"/>, on a runner or on a runner that it decorates.</summary>
    /// <typeparam name="T">The side interface, or a concrete runner type.</typeparam>
    /// <param name="runner">The runner.</param>
    /// <returns>The outermost runner that is a <typeparamref name="T"/> and offers it, or <see langword="null"/> if there is none, or if a
    /// decorator before it does not expose its inner runner.</returns>
    /// <remarks><see cref="IBuildStatusReader"/> is found only on the outermost runner. Like <see cref="IBuildRunner.StatusAsync"/> it
    /// returns a status, so finding it further inside would bypass a decorator that does not implement it.</remarks>
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
