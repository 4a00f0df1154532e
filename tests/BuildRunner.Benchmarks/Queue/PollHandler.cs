using System.Globalization;
using BuildRunner.Queue;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Polls a build: not yet, until it is finished.</summary>
internal sealed class PollHandler(Progress progress) : IMessageHandler
{
    public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        progress.Add(int.Parse(delivery.Message.Id, CultureInfo.InvariantCulture), delivery.Deliveries == 1);
        return Task.FromResult(delivery.Deliveries < progress.Workload.Polls ? Outcome.Postpone(TimeSpan.FromMilliseconds(progress.Workload.Postpone)) : Outcome.Done);
    }
}
