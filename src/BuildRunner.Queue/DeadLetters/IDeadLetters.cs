namespace BuildRunner.Queue;

/// <summary>
/// Provides what a person does with dead letters: look, send again, throw away.
/// </summary>
/// <remarks>
/// <para>
/// Each method takes the topic that the messages were in, not that of the dead letters.
/// </para>
/// <para>
/// A topic has at most one dead letter per identity (partition key and id). If a message of the same identity is published again and fails too, its dead letter replaces the earlier one, whose payload and reason are gone. A warning is logged, and <c>buildrunner.queue.replaced.dead_letters</c> counts it. Give messages that must all be kept ids of their own.
/// </para>
/// <para>
/// Safe for use by several threads.
/// </para>
/// <para>
/// It may gain members in a minor version: mock it, do not implement it.
/// </para>
/// </remarks>
public interface IDeadLetters
{
    /// <summary>
    /// Lists dead letters of a topic, those that a consumer is handling included.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="limit">How many to list: 1 to 1000.</param>
    /// <param name="after">After which message to begin: <see cref="DeadLetterPage.Next"/> of the page before, or <see langword="null"/> for the first page.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or is that of dead letters (ends with <c>_dlq</c>).</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1 or more than 1000.</exception>
    Task<DeadLetterPage> ListAsync(string topic, int limit = 100, MessageKey? after = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes a dead letter to its topic again and takes it out of the dead letters, in one step. It is a fresh message there; one of the same identity that is there already is hastened, as by any duplicate, and stays as it is.
    /// </summary>
    /// <param name="topic">The topic that the message was in.</param>
    /// <param name="key">The message.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether it is done.</param>
    /// <returns><see langword="true"/> if there was such a dead letter; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or is that of dead letters (ends with <c>_dlq</c>).</exception>
    Task<bool> RedriveAsync(string topic, MessageKey key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes the dead letters that a topic has now to it again, as <see cref="RedriveAsync"/> does.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="cancellationToken">Ends the work after part of it.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or is that of dead letters (ends with <c>_dlq</c>).</exception>
    Task<int> RedriveAllAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a dead letter. A consumer that is handling it finishes for nothing.
    /// </summary>
    /// <param name="topic">The topic that the message was in.</param>
    /// <param name="key">The message.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether it is done.</param>
    /// <returns><see langword="true"/> if there was such a dead letter; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or is that of dead letters (ends with <c>_dlq</c>).</exception>
    Task<bool> PurgeAsync(string topic, MessageKey key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the dead letters that a topic has now.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="cancellationToken">Ends the work after part of it.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or is that of dead letters (ends with <c>_dlq</c>).</exception>
    Task<int> PurgeAllAsync(string topic, CancellationToken cancellationToken = default);
}
