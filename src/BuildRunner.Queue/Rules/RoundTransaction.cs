namespace BuildRunner.Queue.Rules;

/// <summary>Runs a round on locked rows: settle, renew, expire, claim. A round that claims nothing expires only the partitions that it is
/// told to.</summary>
internal sealed class RoundTransaction(QueueSession session, QueueRound round, params string[] expiring)
{
    /// <summary>The number of quarantined partitions to lock: enough to find expired leases among those that wait.</summary>
    public const int QuarantinedLimit = 8;

    private readonly Dictionary<string, LockedPartition> _partitions = new(StringComparer.Ordinal);
    private readonly List<LockedPartition> _ended = [];
    private readonly LeaseResult[] _settlements = new LeaseResult[round.Settlements.Count];
    private readonly LeaseResult[] _renewals = new LeaseResult[round.Renewals.Count];
    private IReadOnlyList<ExpiredLease> _expiredLeases = [];
    private IReadOnlyList<MessageKey> _replaced = [];
    private RoundLocks _locks = null!;
    private RoundWrites _writes = null!;
    private bool _waitsForDeadLetters;

    /// <summary>Gets the result, with another look for what is due, or <see langword="null"/> before all is decided.</summary>
    public QueueRoundResult? Decided { get; private set; }

    private QueueClock Clock => _locks.Clock;

    private bool Claims => round.Limit > 0 || round.TakesQuarantined;

    public async Task<QueueRoundResult> RunAsync(CancellationToken cancellationToken)
    {
        string[] named = [.. round.Settlements.Select(static settlement => settlement.Lease).Concat(round.Renewals)
            .Select(static lease => lease.PartitionKey).Concat(expiring).Distinct(StringComparer.Ordinal)];
        _locks = await session.LockForRoundAsync(round.Topic, named, round.Limit, Claims ? QuarantinedLimit : 0, cancellationToken)
            .ConfigureAwait(false);
        _writes = new RoundWrites(round.Topic, Clock);
        foreach (var row in _locks.All)
        {
            _partitions.TryAdd(row.Key, new LockedPartition(row));
        }

        CheckLeases();
        if (_ended.Count > 0)
        {
            await ReadEndedAsync(cancellationToken).ConfigureAwait(false);
            await RepairAsync(cancellationToken).ConfigureAwait(false);
            await EndLeasesAsync(cancellationToken).ConfigureAwait(false);
        }

        var claims = Claims && _partitions.Count > 0
            ? await new ClaimOrder(session, round, Clock, _writes, _partitions).ClaimAsync(cancellationToken).ConfigureAwait(false)
            : [];
        Decided = ResultOf(claims, default) with { NextDueIn = TimeSpan.Zero, IsMore = true };
        var next = await session.WriteAsync(_writes.Collect(), round.Topic, isLast: true, cancellationToken).ConfigureAwait(false);
        return ResultOf(claims, next);
    }

    private void CheckLeases()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        for (var i = 0; i < _settlements.Length; i++)
        {
            _settlements[i] = Check(round.Settlements[i].Lease, used, out var partition);
            if (_settlements[i] == LeaseResult.Applied)
            {
                partition!.Settlement = i;
                _ended.Add(partition);
            }
        }

        for (var i = 0; i < _renewals.Length; i++)
        {
            _renewals[i] = Check(round.Renewals[i], used, out var partition);
            if (_renewals[i] == LeaseResult.Applied)
            {
                partition!.Row.ReadyAt = Clock.After(round.LeaseDuration);
                _writes.Write(partition);
            }
        }

        if (Claims || expiring.Length > 0)
        {
            _ended.AddRange(_partitions.Values.Where(partition => partition.Row.HasExpired(Clock)));
        }
    }

    private LeaseResult Check(Lease lease, HashSet<string> used, out LockedPartition? partition)
    {
        if (_partitions.TryGetValue(lease.PartitionKey, out partition))
        {
            return partition.Row.LeaseToken == lease.Token && !partition.Row.HasExpired(Clock) && used.Add(lease.PartitionKey)
                ? LeaseResult.Applied
                : LeaseResult.Stale;
        }

        return _locks.Busy.GetValueOrDefault(lease.PartitionKey) == lease.Token ? LeaseResult.Busy : LeaseResult.Stale;
    }

    /// <summary>Reads the current messages of ending leases, and the messages behind those that step aside.</summary>
    private async Task ReadEndedAsync(CancellationToken cancellationToken)
    {
        MessageQuery query = new()
        {
            Topic = round.Topic,
            Sequences = [.. _ended.Select(static partition => partition.Row.CurrentSequence!.Value)],
            Firsts = [.. _ended.Where(StepsAside)
                .Select(static partition => new FirstMessage(partition.Row.Key, partition.Row.CurrentSequence))],
        };
        var read = await session.ReadAsync(query, cancellationToken).ConfigureAwait(false);
        foreach (var message in read.BySequence)
        {
            var partition = _partitions[message.PartitionKey];
            partition.Row.Complete(message);
            partition.Current = message;
        }

        SetOthers(read.Firsts);
    }

    private bool StepsAside(LockedPartition partition) =>
        partition.Settlement is not { } i || round.Settlements[i].Resolution.Kind is not (OutcomeKind.Postpone or OutcomeKind.HandBack);

    private void SetOthers(IReadOnlyList<MessageRow> messages)
    {
        foreach (var message in messages)
        {
            _partitions[message.PartitionKey].Other = message;
        }
    }

    /// <summary>Frees partitions with a current message that was deleted by hand: it must not block the others.</summary>
    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var orphans = _ended.FindAll(static partition => partition.Current is null);
        if (orphans.Count == 0)
        {
            return;
        }

        FirstMessage[] firsts = [.. orphans.Select(static partition => new FirstMessage(partition.Row.Key, null))];
        MessageQuery query = new() { Topic = round.Topic, Firsts = firsts };
        SetOthers((await session.ReadAsync(query, cancellationToken).ConfigureAwait(false)).Firsts);
        foreach (var orphan in orphans)
        {
            _writes.Release(orphan);
            _ended.Remove(orphan);
            if (orphan.Settlement is { } i)
            {
                _settlements[i] = LeaseResult.Stale;
            }
        }
    }

    private async Task EndLeasesAsync(CancellationToken cancellationToken)
    {
        DeadLetterMove deadLetters = new(session, round.Topic, _writes.Changes);
        MessageSettlement settlement = new(round, Clock, _writes, deadLetters);
        LeaseExpiry expiry = new(round, Clock, _writes, deadLetters);
        bool IsMoved(LockedPartition partition) => partition.Settlement is { } i
            ? settlement.IsDeadLettered(round.Settlements[i].Resolution)
            : expiry.IsDeadLettered(partition);
        MessageRow[] moved = [.. _ended.Where(IsMoved).Select(static partition => partition.Current!)];
        await deadLetters.LockAsync(moved, cancellationToken).ConfigureAwait(false);
        foreach (var partition in _ended)
        {
            var canEnd = !IsMoved(partition) || deadLetters.CanMove(partition.Row.Key);
            switch (partition.Settlement)
            {
                case { } i when canEnd:
                    settlement.Settle(partition, round.Settlements[i].Resolution);
                    break;
                case { } i:
                    _settlements[i] = LeaseResult.Busy;
                    break;
                case null when canEnd:
                    expiry.Expire(partition);
                    break;
                default:
                    // It keeps its lease until the dead letter can be written. A message behind it may be due.
                    _waitsForDeadLetters = true;
                    break;
            }
        }

        _expiredLeases = expiry.Expired;
        _replaced = deadLetters.Replaced;
    }

    private QueueRoundResult ResultOf(IReadOnlyList<Claim> claims, NextDue next)
    {
        // A partition that is never ready was created by a publish and not used.
        var due = next.Ordinary == PartitionRow.NeverReady ? null : next.Ordinary;
        if (round.TakesQuarantined && next.Quarantined is { } quarantined && !claims.Any(static claim => claim.IsQuarantined))
        {
            due = Math.Min(due ?? long.MaxValue, quarantined);
        }

        if (_waitsForDeadLetters)
        {
            due = Math.Min(due ?? long.MaxValue, Clock.Floor);
        }

        return new QueueRoundResult
        {
            Settlements = _settlements,
            Renewals = _renewals,
            Claims = claims,
            ExpiredLeases = _expiredLeases,
            Replaced = _replaced,
            NextDueIn = due is { } at ? TimeSpan.FromMilliseconds(at - Clock.Floor) : null,
            IsMore = due <= Clock.Floor,
        };
    }
}
