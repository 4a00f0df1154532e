using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>The rules of an exchange, on rows that are locked: settle, renew, lapse, claim. Each row is written once.</summary>
internal sealed class ExchangeTransaction(QueueSession session, Exchange exchange)
{
    // Enough to find leases that have lapsed among those that wait their turn.
    private const int SuspectLimit = 8;

    private readonly Dictionary<string, PartitionWork> _works = new(StringComparer.Ordinal);
    private readonly HashSet<PartitionWork> _changed = [];
    private readonly Dictionary<long, MessageRow> _updated = [];
    private readonly QueueChanges _changes = new();
    private readonly List<(PartitionWork Work, Resolution Resolution)> _settled = [];
    private readonly List<PartitionWork> _lapsed = [];
    private ExchangeLocks _locks = null!;
    private LeaseResult[] _settlements = [];
    private LeaseResult[] _renewals = [];

    private QueueClock Clock => _locks.Clock;

    private bool Claims => exchange.Limit > 0 || exchange.TakesSuspect;

    public async Task<ExchangeResult> RunAsync(CancellationToken cancellationToken)
    {
        string[] keys = [.. exchange.Settlements.Select(static settlement => settlement.Lease.PartitionKey), .. exchange.Renewals.Select(static lease => lease.PartitionKey)];
        _locks = await session.LockForExchangeAsync(exchange.Topic, [.. keys.Distinct(StringComparer.Ordinal)], exchange.Limit, Claims ? SuspectLimit : 0, cancellationToken).ConfigureAwait(false);
        foreach (var row in _locks.Named.Concat(_locks.Ready).Concat(_locks.ReadySuspects))
        {
            _works.TryAdd(row.Key, new PartitionWork(row));
        }

        Sort();
        await ReadSettledAndLapsedAsync(cancellationToken).ConfigureAwait(false);
        await ApplyAsync(cancellationToken).ConfigureAwait(false);
        var claims = await ClaimAsync(cancellationToken).ConfigureAwait(false);
        Collect();
        var next = await session.WriteAsync(_changes, exchange.Topic, isLast: true, cancellationToken).ConfigureAwait(false);
        return ResultOf(claims, next);
    }

    /// <summary>Finds out which leases are good, and which have lapsed.</summary>
    private void Sort()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        _settlements = new LeaseResult[exchange.Settlements.Count];
        for (var i = 0; i < _settlements.Length; i++)
        {
            var (lease, resolution) = exchange.Settlements[i];
            _settlements[i] = Check(lease, used);
            if (_settlements[i] == LeaseResult.Applied)
            {
                _settled.Add((_works[lease.PartitionKey], resolution));
            }
        }

        _renewals = new LeaseResult[exchange.Renewals.Count];
        for (var i = 0; i < _renewals.Length; i++)
        {
            _renewals[i] = Check(exchange.Renewals[i], used);
            if (_renewals[i] == LeaseResult.Applied)
            {
                var work = _works[exchange.Renewals[i].PartitionKey];
                work.Row.ReadyAt = Clock.After(exchange.LeaseDuration);
                _changed.Add(work);
            }
        }

        if (Claims)
        {
            _lapsed.AddRange(_works.Values.Where(work => work.Row.LeaseToken is not null && work.Row.ReadyAt <= Clock.Floor));
        }
    }

    private LeaseResult Check(Lease lease, HashSet<string> used)
    {
        if (_works.TryGetValue(lease.PartitionKey, out var work))
        {
            return work.Row.LeaseToken == lease.Token && work.Row.ReadyAt > Clock.Floor && used.Add(lease.PartitionKey) ? LeaseResult.Applied : LeaseResult.Stale;
        }

        return _locks.Busy.TryGetValue(lease.PartitionKey, out var token) && token == lease.Token ? LeaseResult.Busy : LeaseResult.Stale;
    }

    private async Task ReadSettledAndLapsedAsync(CancellationToken cancellationToken)
    {
        List<PartitionWork> all = [.. _settled.Select(static settled => settled.Work), .. _lapsed];
        if (all.Count == 0)
        {
            return;
        }

        var stepsAside = _settled.Where(static settled => settled.Resolution.Kind is not (ResolutionKind.Postpone or ResolutionKind.HandBack)).Select(static settled => settled.Work).Concat(_lapsed);
        var read = await session.ReadAsync(
            new MessageQuery
            {
                Topic = exchange.Topic,
                Sequences = [.. all.Select(static work => work.Row.HeldSequence!.Value)],
                Firsts = [.. stepsAside.Select(static work => new FirstMessage(work.Row.Key, work.Row.HeldSequence))],
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var message in read.BySequence)
        {
            _works[message.PartitionKey].Held = message;
        }

        foreach (var message in read.Firsts)
        {
            _works[message.PartitionKey].Other = message;
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        DeadLetterTopic letters = new(session, exchange.Topic, _changes);
        var buried = _settled.Where(IsBuried).Select(static settled => settled.Work).Concat(_lapsed.Where(IsExhausted)).ToList();
        await letters.LockAsync([.. buried.Select(static work => work.Held!)], cancellationToken).ConfigureAwait(false);
        foreach (var (work, resolution) in _settled)
        {
            if (IsBuried((work, resolution)) && !letters.CanTake(work.Row.Key))
            {
                _settlements[IndexOf(work)] = LeaseResult.Busy;
                continue;
            }

            Settle(work, resolution, letters);
        }

        foreach (var work in _lapsed.Where(work => !IsExhausted(work) || letters.CanTake(work.Row.Key)))
        {
            Lapse(work, letters);
        }
    }

    private bool IsBuried((PartitionWork Work, Resolution Resolution) settled) =>
        settled.Resolution.Kind == ResolutionKind.DeadLetter && !Topic.IsForDeadLetters(exchange.Topic);

    private bool IsExhausted(PartitionWork work) => work.Held!.IsSuspect && exchange.Policy.IsExhausted(exchange.Topic, work.Held.Failures + 1);

    private int IndexOf(PartitionWork work)
    {
        var index = 0;
        while (_settlements[index] != LeaseResult.Applied || exchange.Settlements[index].Lease.PartitionKey != work.Row.Key)
        {
            index++;
        }

        return index;
    }

    private void Settle(PartitionWork work, Resolution resolution, DeadLetterTopic letters)
    {
        var message = EndLease(work, isSettled: resolution.Kind != ResolutionKind.HandBack);

        switch (resolution.Kind)
        {
            case ResolutionKind.Done:
                Finish(work, message);
                break;
            case ResolutionKind.Postpone:
                message.Failures = 0;
                message.VisibleAfter = Math.Min(Clock.After(resolution.Delay), message.WakeAt ?? long.MaxValue);
                message.WakeAt = null;
                Keep(work, message, holds: true);
                break;
            case ResolutionKind.Retry:
                message.Failures++;
                Pause(work, message, resolution.Delay);
                break;
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(exchange.Topic):
                message.Failures++;
                Pause(work, message, exchange.Policy.MaxDelay);
                break;
            case ResolutionKind.DeadLetter:
                letters.Take(new Burial(work, message, resolution.Failure!), Clock);
                Finish(work, message);
                break;
            default:
                // What was to wake the message wakes nothing any more: it is offered at once.
                message.WakeAt = null;
                Keep(work, message, holds: true);
                break;
        }
    }

    /// <summary>Has the message be what it became when it was claimed. A claim writes the row of the partition alone, because the end of the lease writes that of the message anyway.</summary>
    private static MessageRow EndLease(PartitionWork work, bool isSettled)
    {
        var message = work.Held!;
        message.Deliveries++;
        message.IsBackingOff = false;
        message.IsUnsettled = !isSettled;
        message.IsSuspect &= !isSettled;
        return message;
    }

    private void Lapse(PartitionWork work, DeadLetterTopic letters)
    {
        var isExhausted = IsExhausted(work);
        var message = EndLease(work, isSettled: false);
        if (isExhausted)
        {
            letters.Take(new Burial(work, message, LapsedLease.Failure), Clock);
            Finish(work, message);
            return;
        }

        message.Failures += message.IsSuspect ? 1 : 0;
        message.IsSuspect = true;
        Pause(work, message, exchange.Policy.DelayAfter(Math.Max(1, message.Failures), Random.Shared.NextDouble()));
    }

    private void Finish(PartitionWork work, MessageRow message)
    {
        if (message.WakeAt is not { } wakeAt)
        {
            _changes.Deletes.Add(message.Sequence);
            work.Release(stays: null, holds: false);
            _changed.Add(work);
            return;
        }

        message.VisibleAfter = wakeAt;
        message.WakeAt = null;
        message.Failures = 0;
        message.Deliveries = 0;
        message.IsSuspect = false;
        message.IsUnsettled = false;
        message.IsBackingOff = false;
        message.PublishedAt = Clock.Floor;
        Keep(work, message, holds: false);
    }

    private void Pause(PartitionWork work, MessageRow message, TimeSpan delay)
    {
        message.IsBackingOff = true;
        message.WakeAt = null;
        message.VisibleAfter = Clock.After(delay);
        Keep(work, message, holds: false);
    }

    private void Keep(PartitionWork work, MessageRow message, bool holds)
    {
        _updated[message.Sequence] = message;
        work.Release(message, holds);
        _changed.Add(work);
    }

    private async Task<IReadOnlyList<Claim>> ClaimAsync(CancellationToken cancellationToken)
    {
        if (!Claims)
        {
            return [];
        }

        // Where the first message was settled in this exchange, its rank is known; of what was ready before, the row says it.
        var ready = _works.Values.Where(IsFree).OrderBy(static work => work.Row.ReadyAt).ThenBy(static work => work.Next?.Sequence).ToList();
        List<PartitionWork> candidates = [.. ready.Where(static work => !work.Row.IsSuspect).Take(exchange.Limit)];
        if (exchange.TakesSuspect)
        {
            candidates.AddRange(ready.Where(static work => work.Row.IsSuspect).Take(1));
        }

        if (candidates.Count == 0)
        {
            return [];
        }

        var read = await session.ReadAsync(
            new MessageQuery
            {
                Topic = exchange.Topic,
                SequencesWithContent = [.. candidates.Where(static work => SequenceOf(work) is not null).Select(static work => SequenceOf(work)!.Value)],
                FirstsWithContent = [.. candidates.Where(static work => SequenceOf(work) is null).Select(static work => work.Row.Key)],
            },
            cancellationToken).ConfigureAwait(false);
        var messages = read.BySequence.Concat(read.Firsts).ToDictionary(static message => message.PartitionKey, StringComparer.Ordinal);
        return Claim(candidates, messages);
    }

    private bool IsFree(PartitionWork work) => work.Row.LeaseToken is null && !work.IsEmpty && work.Row.ReadyAt <= Clock.Floor;

    private static long? SequenceOf(PartitionWork work) => work.Next?.Sequence ?? work.Row.HeldSequence;

    private List<Claim> Claim(List<PartitionWork> candidates, Dictionary<string, MessageRow> messages)
    {
        List<Claim> claims = [];
        var hasSuspect = !exchange.TakesSuspect;
        foreach (var work in candidates)
        {
            _changed.Add(work);
            if (!messages.TryGetValue(work.Row.Key, out var read))
            {
                work.IsEmpty = true;
                continue;
            }

            // What this exchange has decided of the message is not written yet.
            var message = _updated.GetValueOrDefault(read.Sequence) ?? read;
            work.Row.ReadyAt = message.VisibleAfter;
            work.Row.IsSuspect = message.IsSuspect;
            if (message.VisibleAfter <= Clock.Floor && (!message.IsSuspect || !hasSuspect))
            {
                hasSuspect |= message.IsSuspect;
                claims.Add(Claim(work, message, read.Content!));
            }
        }

        return claims;
    }

    private Claim Claim(PartitionWork work, MessageRow message, MessageContent content)
    {
        Lease lease = new(work.Row.Key, Random.Shared.NextInt64());
        var delivery = new Delivery
        {
            Message = Stored.MessageOf(message, content),
            Topic = exchange.Topic,
            Attempt = message.Failures + 1,
            Deliveries = message.Deliveries + 1,
            Redelivered = message.IsUnsettled,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt),
            DeadLetterCause = content.Cause,
        };
        work.Row.HeldSequence = message.Sequence;
        work.Row.LeaseToken = lease.Token;
        work.Row.ReadyAt = Clock.After(exchange.LeaseDuration);
        return new Claim(lease, delivery, message.IsSuspect);
    }

    private void Collect()
    {
        _changes.Updates.AddRange(_updated.Values);
        foreach (var work in _changed)
        {
            if (work.IsEmpty)
            {
                _changes.EmptyPartitions.Add((exchange.Topic, work.Row.Key));
            }
            else
            {
                _changes.Partitions.Add((exchange.Topic, work.Row));
            }
        }
    }

    private ExchangeResult ResultOf(IReadOnlyList<Claim> claims, NextDue next)
    {
        var due = next.Ordinary;
        if (exchange.TakesSuspect && next.Suspect is { } suspect && !claims.Any(static claim => claim.IsSuspect))
        {
            due = Math.Min(due ?? long.MaxValue, suspect);
        }

        return new ExchangeResult
        {
            Settlements = _settlements,
            Renewals = _renewals,
            Claims = claims,
            NextDueIn = due is { } at ? TimeSpan.FromMilliseconds(at - Clock.Floor) : null,
            IsMore = due <= Clock.Floor,
        };
    }
}
