using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>
/// Provides where builds are kept, in the database of the queue. For those who write a store; a program uses <see cref="IBuildOrchestrator"/>.
/// </summary>
/// <remarks>
/// <para>
/// A record and the messages that go with it are committed together or not at all. OutgoingMessages are published as they are, whatever the current trace.
/// </para>
/// <para>
/// Safe for use by several threads. What the database does not do fails with the exception of its driver, after a few tries where that may help. After such a failure, or a wait that was ended, it is not known whether a write was done.
/// </para>
/// </remarks>
internal interface IBuildStore
{
    /// <summary>
    /// Checks that the database can be written to, by a write that changes nothing.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task for the operation, which fails where nothing can be saved.</returns>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads a build.
    /// </summary>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The build, if there is one, and the time.</returns>
    Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the build that has a key.
    /// </summary>
    /// <param name="key">The <see cref="Build.Key"/>, compared exactly.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The build, if there is one, and the time.</returns>
    Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the build that a runner knows by an id.
    /// </summary>
    /// <param name="runner">The <see cref="Build.Runner"/>, compared exactly.</param>
    /// <param name="buildId">The <see cref="Build.BuildId"/>, compared exactly.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The build, if there is one, and the time. Of several, as of a runner that uses an id again, the one that was submitted last.</returns>
    Task<BuildReading> ReadAsync(string runner, BuildId buildId, CancellationToken cancellationToken);

    /// <summary>
    /// Lists builds by the text of <see cref="Build.Id"/>, in the order of the query.
    /// </summary>
    /// <param name="query">The builds to list.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A page of builds.</returns>
    Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Saves a new build and publishes messages with it.
    /// </summary>
    /// <param name="build">The build, with the version 1.</param>
    /// <param name="publications">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if it was done; <see langword="false"/> if another build has the key, and nothing was.</returns>
    Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken);

    /// <summary>
    /// Saves a changed build and publishes messages with it, if nobody else has changed the build meanwhile.
    /// </summary>
    /// <param name="build">The build, with a version that is one more than that of the record it replaces. Id, key, owner, runner, request, creation and deadline are those of the record.</param>
    /// <param name="publications">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if it was done; <see langword="false"/> if the record is gone or has another version, and nothing was.</returns>
    Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes builds that ended long ago.
    /// </summary>
    /// <param name="retention">How long ago their <see cref="Build.EndedAt"/> must be.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken);
}
