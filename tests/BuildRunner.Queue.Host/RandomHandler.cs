using System.Globalization;

namespace BuildRunner.Queue.Host;

/// <summary>Makes of a message what the seed says for this delivery.</summary>
internal sealed class RandomHandler(IPublisher publisher, Journal journal, Seed seed) : IMessageHandler
{
    // Out of a hundred.
    private static readonly (Verdict Verdict, int Share)[] Shares =
    [
        (Verdict.Done, 50), (Verdict.Postpone, 16), (Verdict.Retry, 10), (Verdict.Throw, 6), (Verdict.Reject, 5), (Verdict.Succeed, 7), (Verdict.Repeat, 6),
    ];

    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var message = Incarnation.Of(delivery.Message, delivery.PublishedAt);
        var random = seed.For(string.Create(CultureInfo.InvariantCulture, $"{message} {delivery.Deliveries}"));
        var verdict = Draw(random);
        var delay = TimeSpan.FromMilliseconds(random.Next(0, 300) + random.NextDouble());

        // At least two milliseconds, so that no two lives of a message begin in the same.
        await Task.Delay(random.Next(2, 12), cancellationToken);
        if (verdict is Verdict.Succeed or Verdict.Repeat)
        {
            var id = verdict == Verdict.Succeed ? message.Id + "+" : message.Id;
            try
            {
                await publisher.PublishAfterAsync(Chaos.Topic, new Message { PartitionKey = message.Partition, Id = id, Payload = delivery.Message.Payload }, delay, cancellationToken);
            }
            catch
            {
                journal.Write(new Entry.Handled(message, delivery.Deliveries, Verdict.Throw));
                throw;
            }
        }

        journal.Write(new Entry.Handled(message, delivery.Deliveries, verdict));
        return verdict switch
        {
            Verdict.Postpone => Outcome.Postpone(delay),
            Verdict.Retry => Outcome.Retry(new Failure("The seed says so.", nameof(Verdict.Retry))),
            Verdict.Reject => Outcome.Reject(new Failure("The seed says so.", nameof(Verdict.Reject))),
            Verdict.Throw => throw new InvalidOperationException("The seed says so."),
            _ => Outcome.Done,
        };
    }

    private static Verdict Draw(Random random)
    {
        var number = random.Next(100);
        foreach (var (verdict, share) in Shares)
        {
            if ((number -= share) < 0)
            {
                return verdict;
            }
        }

        return Verdict.Done;
    }
}
