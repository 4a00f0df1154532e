using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.InMemory;

/// <summary>The rules of a round: settle, renew, lapse, claim. Run under the lock of the engine.</summary>
internal sealed class MemoryRound(MemoryStore store, QueueRound round, Instant now)
{
    private readonly List<ExpiredLease> _expired = [];
    private readonly List<MessageKey> _replaced = [];

    public QueueRoundResult Run()
    {
        List<LeaseResult> settlements = [.. round.Settlements.Select(settlement => Settle(settlement))];
        List<LeaseResult> renewals = [.. round.Renewals.Select(lease => Renew(lease))];
        List<Claim> claims = [];
        if (round.Limit > 0 || round.TakesQuarantined)
        {
            ClaimOrdinary(claims);
            ClaimQuarantined(claims);
        }

        var partitions = store.Find(round.Topic);
        var next = partitions?.NextOrdinary;
        if (round.TakesQuarantined && !claims.Exists(static claim => claim.IsQuarantined) && partitions?.NextQuarantined is { } quarantined)
        {
            next = Math.Min(next ?? long.MaxValue, quarantined);
        }

        return new()
        {
            Settlements = settlements,
            Renewals = renewals,
            Claims = claims,
            ExpiredLeases = _expired,
            Replaced = _replaced,
            NextDueIn = next is { } due ? TimeSpan.FromMilliseconds(due - now.Floor) : null,
            IsMore = next <= now.Floor,
        };
    }

    private bool IsHeld(Lease lease) =>
        store.Find(round.Topic)?.Find(lease.PartitionKey) is { } partition && partition.Token == lease.Token && partition.ReadyAt > now.Floor;

    private LeaseResult Renew(Lease lease)
    {
        if (!IsHeld(lease))
        {
            return LeaseResult.Stale;
        }

        store.Change(round.Topic, lease.PartitionKey, partition => partition.Extend(now.After(round.LeaseDuration)));
        return LeaseResult.Applied;
    }

    private LeaseResult Settle(Settlement settlement)
    {
        if (!IsHeld(settlement.Lease))
        {
            return LeaseResult.Stale;
        }

        store.Change(round.Topic, settlement.Lease.PartitionKey, partition => Resolve(partition, settlement.Resolution));
        return LeaseResult.Applied;
    }

    private void Resolve(Partition partition, Resolution resolution)
    {
        var message = partition.Release(holds: resolution.Kind is ResolutionKind.Postpone or ResolutionKind.HandBack);
        if (resolution.Kind != ResolutionKind.HandBack)
        {
            message.IsQuarantined = false;
            message.IsUnsettled = false;
        }

        switch (resolution.Kind)
        {
            case ResolutionKind.Done:
                Finish(partition, message);
                break;
            case ResolutionKind.Postpone:
                message.Failures = 0;
                partition.Show(message, Math.Min(now.After(resolution.Delay), message.WakeAt ?? long.MaxValue));
                message.WakeAt = null;
                break;
            case ResolutionKind.Retry:
                BackOff(partition, message, resolution.Delay);
                break;
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(round.Topic):
                BackOff(partition, message, round.Policy.MaxDelay);
                break;
            case ResolutionKind.DeadLetter:
                Bury(partition, message, resolution.Failure!);
                break;
        }
    }

    private void Finish(Partition partition, StoredMessage message)
    {
        if (message.WakeAt is { } wakeAt)
        {
            message.Renew(now.Floor);
            partition.Show(message, wakeAt);
        }
        else
        {
            partition.Remove(message);
        }
    }

    private void BackOff(Partition partition, StoredMessage message, TimeSpan delay)
    {
        message.Failures++;
        Pause(partition, message, delay);
    }

    private void Pause(Partition partition, StoredMessage message, TimeSpan delay)
    {
        message.IsBackingOff = true;
        message.WakeAt = null;
        partition.Show(message, now.After(delay));
    }

    private void Bury(Partition partition, StoredMessage message, Failure failure)
    {
        StoredMessage letter = new(store.NextSequence(), message.Message, now.Floor, message.PublishedAt) { Cause = new(failure, message.Failures + 1, round.Topic) };
        Finish(partition, message);
        store.Change(Topic.DeadLettersOf(round.Topic), partition.Key, letters =>
        {
            if (letters.Find(message.Message.Id) is { } old)
            {
                letters.Remove(old);
                _replaced.Add(new MessageKey { PartitionKey = letters.Key, Id = old.Message.Id });
            }

            letters.Add(letter);
        });
    }

    private void ExpiredLease(string key) => store.Change(round.Topic, key, partition =>
    {
        var message = partition.Release(holds: false);
        var failures = message.Failures + (message.IsQuarantined ? 1 : 0);
        var isExhausted = message.IsQuarantined && round.Policy.IsExhausted(round.Topic, failures);
        _expired.Add(new ExpiredLease(new MessageKey { PartitionKey = key, Id = message.Message.Id }, isExhausted));
        if (isExhausted)
        {
            Bury(partition, message, ExpiredLeaseFailure.Failure);
            return;
        }

        message.Failures = failures;
        message.IsQuarantined = true;
        Pause(partition, message, round.Policy.DelayAfter(Math.Max(1, failures), Random.Shared.NextDouble()));
    });

    private void ClaimOrdinary(List<Claim> claims)
    {
        while (claims.Count < round.Limit && store.Find(round.Topic)?.FirstReady(now.Floor) is { } partition)
        {
            if (partition.Token is null)
            {
                claims.Add(Claim(partition.Key));
            }
            else
            {
                ExpiredLease(partition.Key);
            }
        }
    }

    private void ClaimQuarantined(List<Claim> claims)
    {
        foreach (var leased in ReadyQuarantined().Where(static partition => partition.Token is not null))
        {
            ExpiredLease(leased.Key);
        }

        if (round.TakesQuarantined && ReadyQuarantined() is [var first, ..])
        {
            claims.Add(Claim(first.Key));
        }
    }

    private IReadOnlyList<Partition> ReadyQuarantined() => store.Find(round.Topic)?.ReadyQuarantined(now.Floor) ?? [];

    private Claim Claim(string key)
    {
        Claim? claim = null;
        store.Change(round.Topic, key, partition =>
        {
            Lease lease = new(key, store.NextToken());
            partition.Lease(lease.Token, now.After(round.LeaseDuration));
            var message = partition.Held!;
            Delivery delivery = new()
            {
                Message = message.Message,
                Topic = round.Topic,
                Attempt = message.Failures + 1,
                Deliveries = ++message.Deliveries,
                Redelivered = message.IsUnsettled,
                PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(message.VisibleAfter),
                DeadLetterCause = message.Cause,
            };
            message.IsUnsettled = true;
            message.IsBackingOff = false;
            message.WakeAt = null;
            claim = new(lease, delivery, message.IsQuarantined);
        });
        return claim!;
    }
}
