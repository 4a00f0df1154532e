using System.Data.Common;

namespace BuildRunner.Queue;

/// <summary>
/// Provides publishing in a transaction of the caller, so that messages are sent if and only if what else is in it is saved.
/// </summary>
/// <remarks>
/// <para>
/// The partitions of the messages are locked until the transaction ends: nothing of them is delivered meanwhile. It must be short compared with the lease of the consumers.
/// </para>
/// <para>
/// Safe for use by several threads, each with a transaction of its own.
/// </para>
/// <para>
/// It may gain members in a minor version: mock it, do not implement it.
/// </para>
/// </remarks>
public interface ITransactionalPublisher
{
    /// <summary>
    /// Publishes messages when a transaction is committed. Nothing is retried: what fails is for the caller to roll back.
    /// </summary>
    /// <param name="transaction">A transaction of the database that the queue is in.</param>
    /// <param name="messages">What to publish.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What becomes of each message when the transaction is committed, in the order of <paramref name="messages"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="transaction"/>, <paramref name="messages"/> or one of them is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload is too large, or the transaction is one of another driver.</exception>
    /// <exception cref="InvalidOperationException">The tables of the queue are not there or not up to date. They are made when the host or the engine is started, which must be done before.</exception>
    Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);
}
