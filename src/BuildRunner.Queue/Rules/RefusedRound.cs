namespace BuildRunner.Queue.Rules;

/// <summary>Repeats a round with refused content in parts, until the refused part is alone and no longer blocks the topic.</summary>
internal sealed class RefusedRound(QueueEngine engine, QueueRound round, ILogger logger, CancellationToken cancellationToken)
{
    private readonly LeaseResult[] _results = [.. round.Settlements.Select(static _ => LeaseResult.Busy)];
    private readonly List<ExpiredLease> _expired = [];
    private readonly List<MessageKey> _replaced = [];
    private bool _isPartDone;

    // Longer than a lease, because each try costs extra transactions.
    private TimeSpan Pause => round.Policy.MaxDelay > round.LeaseDuration ? round.Policy.MaxDelay : round.LeaseDuration;

    private QueueRound Nothing => round with { Settlements = [], Renewals = [], Limit = 0, TakesQuarantined = false };

    public async Task<QueueRoundResult> RunAsync()
    {
        try
        {
            if (_results.Length > 0)
            {
                await SettleAsync(0, _results.Length).ConfigureAwait(false);
            }

            var rest = await ClaimAsync().ConfigureAwait(false);
            return rest with
            {
                Settlements = _results,
                ExpiredLeases = [.. _expired, .. rest.ExpiredLeases],
                Replaced = [.. _replaced, .. rest.Replaced],
            };
        }
        catch (Exception exception) when (_isPartDone && exception is not OperationCanceledException)
        {
            // Committed results must be reported. The rest is repeated.
            QueueLog.RoundCutShort(logger, round.Topic, exception);
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
        if (resolution.Kind == OutcomeKind.Reject)
        {
            Failure failure = new(
                "The database refused to store what the handler said of this failure. The log has the reason.", "failure_refused");
            try
            {
                var settled = await RunPartAsync([new Settlement(lease, Outcome.Reject(failure))]).ConfigureAwait(false);
                QueueLog.TextRefused(logger, round.Topic, lease.PartitionKey, refusal);
                return settled.Settlements[0];
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                // The text is not the reason.
            }
        }

        // The message waits for the end of its lease.
        QueueLog.SettlementRefused(logger, round.Topic, lease.PartitionKey, resolution.Kind.ToString(), refusal);
        return LeaseResult.Stale;
    }

    private async Task<QueueRoundResult> RunPartAsync(IReadOnlyList<Settlement> settlements)
    {
        var part = await engine.RunRoundInOneAsync(Nothing with { Settlements = settlements }, cancellationToken).ConfigureAwait(false);
        _replaced.AddRange(part.Replaced);
        _isPartDone = true;
        return part;
    }

    /// <summary>Renews and claims. If that is refused, the reason is an expired lease of a message that cannot be written.</summary>
    private async Task<QueueRoundResult> ClaimAsync()
    {
        while (true)
        {
            try
            {
                return await engine.RunRoundInOneAsync(round with { Settlements = [] }, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                if (!await ExpireAsync().ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Ends the expired leases one at a time.</summary>
    /// <returns><see langword="true"/> if there was one; otherwise, <see langword="false"/>.</returns>
    private async Task<bool> ExpireAsync()
    {
        var isAny = false;
        foreach (var key in await engine.RunAsync(FindExpiredAsync, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                var part = await engine.RunAsync(
                    session => new RoundTransaction(session, Nothing, key).RunAsync(cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                _expired.AddRange(part.ExpiredLeases);
                _replaced.AddRange(part.Replaced);
                isAny = true;
            }
            catch (Exception exception) when (engine.IsRefused(exception))
            {
                isAny |= await engine.RunAsync(session => PutOffAsync(session, key), cancellationToken).ConfigureAwait(false);
                QueueLog.ExpiryRefused(logger, round.Topic, key, Pause, exception);
            }
        }

        return isAny;
    }

    /// <summary>Finds the partitions with expired leases among those that a round would lock.</summary>
    private async Task<IReadOnlyList<string>> FindExpiredAsync(QueueSession session)
    {
        string[] renewed = [.. round.Renewals.Select(static lease => lease.PartitionKey)];
        var locks = await session.LockForRoundAsync(round.Topic, renewed, round.Limit, RoundTransaction.QuarantinedLimit, cancellationToken)
            .ConfigureAwait(false);
        return [.. locks.All.Where(row => row.HasExpired(locks.Clock)).Select(static row => row.Key).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Extends an expired lease without writing its message.</summary>
    /// <returns><see langword="true"/> if it was extended; <see langword="false"/> if it has not expired or is locked.</returns>
    private async Task<bool> PutOffAsync(QueueSession session, string key)
    {
        var locks = await session.LockForRoundAsync(round.Topic, [key], 0, 0, cancellationToken).ConfigureAwait(false);
        if (locks.Named is not [var row] || !row.HasExpired(locks.Clock))
        {
            return false;
        }

        row.ReadyAt = locks.Clock.After(Pause);
        QueueChanges changes = new();
        changes.Partitions.Add((round.Topic, row));
        await session.WriteAsync(changes, null, isLast: true, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
