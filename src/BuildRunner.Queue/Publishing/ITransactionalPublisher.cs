using System.Data.Common;

namespace BuildRunner.Queue;

/// <summary>Provides publishing in a transaction of the caller: the messages are sent if and only if the transaction commits.</summary>
/// <remarks>
/// <para>The partitions of the messages are locked until the transaction ends; nothing in them is delivered meanwhile. Keep it short
/// compared with <see cref="ConsumerOptions.LeaseDuration"/>.</para>
/// <para>Registered by the databases only: in memory there is no transaction to join. Safe for use by several threads, each with its own
/// transaction.</para>
/// <para>It may gain members in a minor version: mock it, do not implement it.</para>
/// </remarks>
public interface ITransactionalPublisher
{
    /// <summary>Publishes messages when a transaction commits. Nothing is retried: if this fails, roll the transaction back.</summary>
    /// <param name="transaction">An open transaction in the queue's database.</param>
    /// <param name="messages">The messages to publish.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The result for each message once the transaction commits, in the order of <paramref name="messages"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="transaction"/>, <paramref name="messages"/> or one of them is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload is too large, or the transaction belongs to another driver or has ended.</exception>
    /// <exception cref="InvalidOperationException">The queue's tables are missing or out of date. Start the host first.</exception>
    Task<IReadOnlyList<PublishResult>> PublishAsync(
        DbTransaction transaction, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);
}
