using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.InMemory;

/// <summary>The rules of an exchange: settle, renew, lapse, claim. Run under the lock of the engine.</summary>
internal sealed class MemoryExchange(MemoryStore store, Exchange exchange, Instant now)
{
    private readonly List<Lapse> _lapses = [];
    private readonly List<MessageKey> _replaced = [];

    public ExchangeResult Run()
    {
        List<LeaseResult> settlements = [.. exchange.Settlements.Select(settlement => Settle(settlement))];
        List<LeaseResult> renewals = [.. exchange.Renewals.Select(lease => Renew(lease))];
        List<Claim> claims = [];
        if (exchange.Limit > 0 || exchange.TakesSuspect)
        {
            ClaimOrdinary(claims);
            ClaimSuspect(claims);
        }

        var partitions = store.Find(exchange.Topic);
        var next = partitions?.NextOrdinary;
        if (exchange.TakesSuspect && !claims.Exists(static claim => claim.IsSuspect) && partitions?.NextSuspect is { } suspect)
        {
            next = Math.Min(next ?? long.MaxValue, suspect);
        }

        return new()
        {
            Settlements = settlements,
            Renewals = renewals,
            Claims = claims,
            Lapses = _lapses,
            Replaced = _replaced,
            NextDueIn = next is { } due ? TimeSpan.FromMilliseconds(due - now.Floor) : null,
            IsMore = next <= now.Floor,
        };
    }

    private bool IsHeld(Lease lease) =>
        store.Find(exchange.Topic)?.Find(lease.PartitionKey) is { } partition && partition.Token == lease.Token && partition.ReadyAt > now.Floor;

    private LeaseResult Renew(Lease lease)
    {
        if (!IsHeld(lease))
        {
            return LeaseResult.Stale;
        }

        store.Change(exchange.Topic, lease.PartitionKey, partition => partition.Extend(now.After(exchange.LeaseDuration)));
        return LeaseResult.Applied;
    }

    private LeaseResult Settle(Settlement settlement)
    {
        if (!IsHeld(settlement.Lease))
        {
            return LeaseResult.Stale;
        }

        store.Change(exchange.Topic, settlement.Lease.PartitionKey, partition => Resolve(partition, settlement.Resolution));
        return LeaseResult.Applied;
    }

    private void Resolve(Partition partition, Resolution resolution)
    {
        var message = partition.Release(holds: resolution.Kind is ResolutionKind.Postpone or ResolutionKind.HandBack);
        if (resolution.Kind != ResolutionKind.HandBack)
        {
            message.IsSuspect = false;
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
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(exchange.Topic):
                BackOff(partition, message, exchange.Policy.MaxDelay);
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
        StoredMessage letter = new(store.NextSequence(), message.Message, now.Floor, message.PublishedAt) { Cause = new(failure, message.Failures + 1, exchange.Topic) };
        Finish(partition, message);
        store.Change(Topic.DeadLettersOf(exchange.Topic), partition.Key, letters =>
        {
            if (letters.Find(message.Message.Id) is { } old)
            {
                letters.Remove(old);
                _replaced.Add(new MessageKey(old.Message.Id, letters.Key));
            }

            letters.Add(letter);
        });
    }

    private void Lapse(string key) => store.Change(exchange.Topic, key, partition =>
    {
        var message = partition.Release(holds: false);
        var failures = message.Failures + (message.IsSuspect ? 1 : 0);
        var isExhausted = message.IsSuspect && exchange.Policy.IsExhausted(exchange.Topic, failures);
        _lapses.Add(new Lapse(new MessageKey(message.Message.Id, key), isExhausted));
        if (isExhausted)
        {
            Bury(partition, message, LapsedLease.Failure);
            return;
        }

        message.Failures = failures;
        message.IsSuspect = true;
        Pause(partition, message, exchange.Policy.DelayAfter(Math.Max(1, failures), Random.Shared.NextDouble()));
    });

    private void ClaimOrdinary(List<Claim> claims)
    {
        while (claims.Count < exchange.Limit && store.Find(exchange.Topic)?.FirstReady(now.Floor) is { } partition)
        {
            if (partition.Token is null)
            {
                claims.Add(Claim(partition.Key));
            }
            else
            {
                Lapse(partition.Key);
            }
        }
    }

    private void ClaimSuspect(List<Claim> claims)
    {
        foreach (var leased in ReadySuspects().Where(static partition => partition.Token is not null))
        {
            Lapse(leased.Key);
        }

        if (exchange.TakesSuspect && ReadySuspects() is [var first, ..])
        {
            claims.Add(Claim(first.Key));
        }
    }

    private IReadOnlyList<Partition> ReadySuspects() => store.Find(exchange.Topic)?.ReadySuspects(now.Floor) ?? [];

    private Claim Claim(string key)
    {
        Claim? claim = null;
        store.Change(exchange.Topic, key, partition =>
        {
            Lease lease = new(key, store.NextToken());
            partition.Lease(lease.Token, now.After(exchange.LeaseDuration));
            var message = partition.Held!;
            Delivery delivery = new()
            {
                Message = message.Message,
                Topic = exchange.Topic,
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
            claim = new(lease, delivery, message.IsSuspect);
        });
        return claim!;
    }
}
