using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

/// <summary>Does a round again that the database refused for something that it was to store. It goes in parts, until what is refused is alone; otherwise that would hold up all others of the topic, for ever.</summary>
internal sealed class RefusedRound(RelationalQueueEngine engine, QueueRound round, ILogger logger, CancellationToken cancellationToken)
{
    private readonly LeaseResult[] _results = [.. round.Settlements.Select(static _ => LeaseResult.Busy)];
    private readonly List<ExpiredLease> _expired = [];
    private readonly List<MessageKey> _replaced = [];
    private bool _isPartDone;

    // Longer than a lease, because each try takes transactions of its own.
    private TimeSpan Pause => round.Policy.MaxDelay > round.LeaseDuration ? round.Policy.MaxDelay : round.LeaseDuration;

    public async Task<QueueRoundResult> RunAsync()
    {
        try
        {
            if (_results.Length > 0)
            {
                await SettleAsync(0, _results.Length).ConfigureAwait(false);
            }

            var rest = await ClaimAsync(round with { Settlements = [] }).ConfigureAwait(false);
            return rest with { Settlements = _results, ExpiredLeases = [.. _expired, .. rest.ExpiredLeases], Replaced = [.. _replaced, .. rest.Replaced] };
        }
        catch (Exception exception) when (_isPartDone && exception is not OperationCanceledException)
        {
            // What is committed must be told. The rest is asked for again.
            Log.RoundCutShort(logger, round.Topic, exception);
            return new QueueRoundResult
            {
                Settlements = _results,
                Renewals = [.. round.Renewals.Select(static _ => LeaseResult.Busy)],
                Claims = [],
                ExpiredLeases = _expired,
                Replaced = _replaced,
                NextDueIn = TimeSpan.Zero,
                IsMore = true,
            };
        }
    }

    private async Task SettleAsync(int start, int count)
    {
        try
        {
            var settled = await RunPartAsync([.. round.Settlements.Skip(start).Take(count)]).ConfigureAwait(false);
            settled.Settlements.ToArray().CopyTo(_results, start);
        }
        catch (Exception exception) when (engine.IsRefused(exception))
        {
            if (count == 1)
            {
                _results[start] = await SettleRefusedAsync(round.Settlements[start], exception).ConfigureAwait(false);
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
                var settled = await RunPartAsync([new Settlement(lease, Resolution.DeadLetter(failure))]).ConfigureAwait(false);
                Log.TextRefused(logger, round.Topic, lease.PartitionKey, refusal);
                return settled.Settlements[0];
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                // It is not the text.
            }
        }

        // The message is left to the end of its lease.
        Log.SettlementRefused(logger, round.Topic, lease.PartitionKey, resolution.Kind.ToString(), refusal);
        return LeaseResult.Stale;
    }

    private async Task<QueueRoundResult> RunPartAsync(IReadOnlyList<Settlement> settlements)
    {
        var part = await engine.RunRoundInOneAsync(round with { Settlements = settlements, Renewals = [], Limit = 0, TakesQuarantined = false }, cancellationToken).ConfigureAwait(false);
        _replaced.AddRange(part.Replaced);
        _isPartDone = true;
        return part;
    }

    /// <summary>Renews and claims. Where that is refused, it is for a lease that has expired, whose message cannot be written.</summary>
    private async Task<QueueRoundResult> ClaimAsync(QueueRound rest)
    {
        while (true)
        {
            try
            {
                return await engine.RunRoundInOneAsync(rest, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                if (!await ExpireAsync(rest).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Ends the leases that have expired, each by itself.</summary>
    /// <returns><see langword="true"/> if there was one; otherwise, <see langword="false"/>.</returns>
    private async Task<bool> ExpireAsync(QueueRound rest)
    {
        var isAny = false;
        foreach (var key in await engine.RunAsync(session => RoundTransaction.FindExpiredAsync(session, rest, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var part = await engine.RunAsync(session => new RoundTransaction(session, rest with { Renewals = [], Limit = 0, TakesQuarantined = false }, key).RunAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
                _expired.AddRange(part.ExpiredLeases);
                _replaced.AddRange(part.Replaced);
                isAny = true;
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                isAny |= await engine.RunAsync(session => RoundTransaction.PutOffAsync(session, round.Topic, key, Pause, cancellationToken), cancellationToken).ConfigureAwait(false);
                Log.ExpiryRefused(logger, round.Topic, key, Pause, exception);
            }
        }

        return isAny;
    }
}
