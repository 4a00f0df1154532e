using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

/// <summary>Does an exchange again that the database refused for something that it was to store: in halves, until what is refused is alone. Otherwise it would keep all others from being settled, for ever.</summary>
internal sealed class SettlementSplit(Exchange exchange, Func<Exchange, Task<ExchangeResult>> run, Func<Exception, bool> isRefused, ILogger logger)
{
    private readonly LeaseResult[] _results = new LeaseResult[exchange.Settlements.Count];

    public async Task<ExchangeResult> RunAsync()
    {
        await SettleAsync(0, _results.Length).ConfigureAwait(false);
        var rest = await run(exchange with { Settlements = [] }).ConfigureAwait(false);
        return rest with { Settlements = _results };
    }

    private async Task SettleAsync(int start, int count)
    {
        try
        {
            var settled = await run(With([.. exchange.Settlements.Skip(start).Take(count)])).ConfigureAwait(false);
            settled.Settlements.ToArray().CopyTo(_results, start);
        }
        catch (Exception exception) when (isRefused(exception))
        {
            if (count == 1)
            {
                _results[start] = await SettleRefusedAsync(exchange.Settlements[start], exception).ConfigureAwait(false);
                return;
            }

            await SettleAsync(start, count / 2).ConfigureAwait(false);
            await SettleAsync(start + (count / 2), count - (count / 2)).ConfigureAwait(false);
        }
    }

    private async Task<LeaseResult> SettleRefusedAsync(Settlement settlement, Exception refusal)
    {
        var (lease, resolution) = settlement;
        if (resolution.Kind == ResolutionKind.DeadLetter)
        {
            Failure failure = new("The database refused to store what the handler said of this failure. The log has the reason.", "failure_refused");
            try
            {
                var settled = await run(With([new Settlement(lease, Resolution.DeadLetter(failure))])).ConfigureAwait(false);
                Log.TextRefused(logger, exchange.Topic, lease.PartitionKey, refusal);
                return settled.Settlements[0];
            }
            catch (Exception exception) when (isRefused(exception))
            {
                // It is not the text.
            }
        }

        // The message is left to the end of its lease.
        Log.SettlementRefused(logger, exchange.Topic, lease.PartitionKey, resolution.Kind.ToString(), refusal);
        return LeaseResult.Stale;
    }

    private Exchange With(IReadOnlyList<Settlement> settlements) => exchange with { Settlements = settlements, Renewals = [], Limit = 0, TakesSuspect = false };
}
