namespace BuildRunner.Orchestration;

/// <summary>Represents the store of builds in the database of the queue. A record and its messages are committed together or not at all;
/// messages are published unchanged, without the current trace.</summary>
/// <remarks>The history of a new build begins with <see cref="HistoryLine.OfNew"/>. Safe for use by several threads. Fails with the
/// exceptions of the driver, after a few tries if that may help. After a failure or a cancellation, it is unknown whether a write was
/// done.</remarks>
internal interface IBuildStore
{
    /// <summary>Checks that the database can be written to, by a write that changes nothing.</summary>
    Task CheckAsync(CancellationToken cancellationToken);

    Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads the build that has a key, compared exactly, and the time.</summary>
    Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads those builds of the ids that exist, up to 1000, and the time.</summary>
    Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Reads those builds of the keys, compared exactly, that exist, up to 1000, and the time.</summary>
    Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Reads the history of a build, or null if there is no build or no history.</summary>
    Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads the build that a runner knows by an id, both compared exactly, and the time. Of several, as of a runner that uses an
    /// id again, the one that was submitted last.</summary>
    Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken);

    Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken);

    /// <summary>Saves a new build, with the version 1, and publishes messages with it.</summary>
    /// <returns><see langword="false"/> if another build has the key, and nothing was done.</returns>
    Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken);

    /// <summary>Saves new builds with different keys in few transactions, and publishes the messages of those that are saved. One that
    /// cannot be saved fails alone; a lost connection fails all builds of its transaction.</summary>
    /// <returns>For each, what became of it.</returns>
    Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken);

    /// <summary>Saves a changed build, with a version that is one more than that of the record it replaces, and publishes messages with it.
    /// Id, key, owner, runner, request, creation, priority, tag, group and policy are those of the record.</summary>
    /// <returns><see langword="false"/> if the record is gone or has another version, and nothing was done.</returns>
    Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken);

    /// <summary>Saves a changed build if a document has a version. That is as of the statement that saves: a document that is saved at the
    /// same time may be seen or not.</summary>
    /// <returns><see langword="false"/> if the record is gone or has another version, or the document has, and nothing was done.</returns>
    Task<bool> TryUpdateAsync(
        Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken);

    /// <summary>Reads what decides which of the builds that wait for a runner is let in next.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="turns">The owner that was served last, by priority.</param>
    /// <param name="slots">The number at which it stops counting the slots that are in use.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    Task<LineReading> ReadLineAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken);

    /// <summary>Reads those documents of the names that exist.</summary>
    Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>Lists documents whose names begin with a prefix, which ends with a slash, by name.</summary>
    Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken);

    /// <summary>Saves documents and builds and publishes messages with them.</summary>
    /// <returns><see langword="false"/> if any of them is gone, exists or has another version, and nothing was done.</returns>
    Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken);

    /// <summary>Deletes documents whose <see cref="BuildDocument.ExpiresAt"/> has passed, at most so many.</summary>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Deletes builds whose <see cref="Build.EndedAt"/> is longer ago than the retention, at most so many.</summary>
    Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken);
}
