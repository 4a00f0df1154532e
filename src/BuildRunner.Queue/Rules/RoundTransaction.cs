using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Runs a round on locked rows: settle, renew, expire, claim.</summary>
/// <param name="session">The session.</param>
/// <param name="round">The round.</param>
/// <param name="expiring">A partition to expire if its lease has ended, in a round that claims nothing.</param>
internal sealed class RoundTransaction(QueueSession session, QueueRound round, string? expiring = null)
{
    /// <summary>The number of quarantined partitions to lock: enough to find expired leases among those that wait.</summary>
    public const int QuarantinedLimit = 8;

    private readonly Dictionary<string, LockedPartition> _partitions = new(StringComparer.Ordinal);
    private readonly List<(int Index, LockedPartition Partition, Resolution Resolution)> _settled = [];
    private readonly List<LockedPartition> _expired = [];
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
        var keys = round.Settlements.Select(static settlement => settlement.Lease.PartitionKey).Concat(
            round.Renewals.Select(static lease => lease.PartitionKey));
        string[] named = [.. (expiring is null ? keys : keys.Append(expiring)).Distinct(StringComparer.Ordinal)];
        _locks = await session.LockForRoundAsync(round.Topic, named, round.Limit, Claims ? QuarantinedLimit : 0, cancellationToken)
            .ConfigureAwait(false);
        _writes = new RoundWrites(round.Topic, Clock);
        foreach (var row in _locks.All)
        {
            _partitions.TryAdd(row.Key, new LockedPartition(row));
        }

        CheckLeases();
        await ReadEndedAsync(cancellationToken).ConfigureAwait(false);
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        await EndLeasesAsync(cancellationToken).ConfigureAwait(false);
        var claims = Claims
            ? await new ClaimOrder(session, round, Clock, _writes).ClaimAsync(_partitions.Values, cancellationToken).ConfigureAwait(false)
            : [];
        Decided = ResultOf(claims, default) with { NextDueIn = TimeSpan.Zero, IsMore = true };
        var next = await session.WriteAsync(_writes.Collect(), round.Topic, isLast: true, cancellationToken).ConfigureAwait(false);
        return ResultOf(claims, next);
    }

    /// <summary>Separates valid leases from expired ones.</summary>
    private void CheckLeases()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        for (var i = 0; i < _settlements.Length; i++)
        {
            var (lease, resolution) = round.Settlements[i];
            _settlements[i] = Check(lease, used);
            if (_settlements[i] == LeaseResult.Applied)
            {
                _settled.Add((i, _partitions[lease.PartitionKey], resolution));
            }
        }

        for (var i = 0; i < _renewals.Length; i++)
        {
            _renewals[i] = Check(round.Renewals[i], used);
            if (_renewals[i] == LeaseResult.Applied)
            {
                var partition = _partitions[round.Renewals[i].PartitionKey];
                partition.Row.ReadyAt = Clock.After(round.LeaseDuration);
                _writes.Write(partition);
            }
        }

        if (Claims || expiring is not null)
        {
            _expired.AddRange(_partitions.Values.Where(partition => partition.Row.HasExpired(Clock)));
        }
    }

    private LeaseResult Check(Lease lease, HashSet<string> used)
    {
        if (_partitions.TryGetValue(lease.PartitionKey, out var partition))
        {
            return partition.Row.LeaseToken == lease.Token && !partition.Row.HasExpired(Clock) && used.Add(lease.PartitionKey)
                ? LeaseResult.Applied
                : LeaseResult.Stale;
        }

        return _locks.Busy.TryGetValue(lease.PartitionKey, out var token) && token == lease.Token ? LeaseResult.Busy : LeaseResult.Stale;
    }

    /// <summary>Reads the current messages of ending leases, and the messages behind those that step aside.</summary>
    private async Task ReadEndedAsync(CancellationToken cancellationToken)
    {
        if (_settled.Count + _expired.Count == 0)
        {
            return;
        }

        var ended = _settled.Select(static settled => settled.Partition).Concat(_expired);
        var stepsAside = _settled
            .Where(static settled => settled.Resolution.Kind is not (ResolutionKind.Postpone or ResolutionKind.HandBack))
            .Select(static settled => settled.Partition).Concat(_expired);
        MessageQuery query = new()
        {
            Topic = round.Topic,
            Sequences = [.. ended.Select(static partition => partition.Row.CurrentSequence!.Value)],
            Firsts = [.. stepsAside.Select(static partition => new FirstMessage(partition.Row.Key, partition.Row.CurrentSequence))],
        };
        var read = await session.ReadAsync(query, cancellationToken).ConfigureAwait(false);
        foreach (var message in read.BySequence)
        {
            var partition = _partitions[message.PartitionKey];
            partition.Row.Complete(message);
            partition.Current = message;
        }

        foreach (var message in read.Firsts)
        {
            _partitions[message.PartitionKey].Other = message;
        }
    }

    /// <summary>Frees partitions with a current message that was deleted by hand: it must not block the others.</summary>
    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var ended = _settled.Select(static settled => settled.Partition).Concat(_expired);
        var orphans = ended.Where(static partition => partition.Current is null).ToList();
        if (orphans.Count == 0)
        {
            return;
        }

        FirstMessage[] firsts = [.. orphans.Select(static partition => new FirstMessage(partition.Row.Key, null))];
        MessageQuery query = new() { Topic = round.Topic, Firsts = firsts };
        foreach (var message in (await session.ReadAsync(query, cancellationToken).ConfigureAwait(false)).Firsts)
        {
            _partitions[message.PartitionKey].Other = message;
        }

        foreach (var (index, _, _) in _settled.Where(static settled => settled.Partition.Current is null))
        {
            _settlements[index] = LeaseResult.Stale;
        }

        orphans.ForEach(_writes.Release);
        _settled.RemoveAll(static settled => settled.Partition.Current is null);
        _expired.RemoveAll(static partition => partition.Current is null);
    }

    private async Task EndLeasesAsync(CancellationToken cancellationToken)
    {
        DeadLetterMove deadLetters = new(session, round.Topic, _writes.Changes);
        MessageSettlement settlement = new(round, Clock, _writes, deadLetters);
        LeaseExpiry expiry = new(round, Clock, _writes, deadLetters);
        var moved = _settled.Where(settled => settlement.IsDeadLettered(settled.Resolution)).Select(static settled => settled.Partition)
            .Concat(_expired.Where(expiry.IsDeadLettered));
        await deadLetters.LockAsync([.. moved.Select(static partition => partition.Current!)], cancellationToken).ConfigureAwait(false);
        foreach (var (index, partition, resolution) in _settled)
        {
            if (settlement.IsDeadLettered(resolution) && !deadLetters.CanMove(partition.Row.Key))
            {
                _settlements[index] = LeaseResult.Busy;
                continue;
            }

            settlement.Settle(partition, resolution);
        }

        foreach (var partition in _expired)
        {
            if (expiry.IsDeadLettered(partition) && !deadLetters.CanMove(partition.Row.Key))
            {
                // It keeps its lease until the dead letter can be written. A message behind it may be due.
                _waitsForDeadLetters = true;
                continue;
            }

            expiry.Expire(partition);
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
