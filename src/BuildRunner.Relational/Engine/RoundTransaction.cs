using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>The rules of a round, on rows that are locked: settle, renew, lapse, claim.</summary>
/// <param name="session">The session.</param>
/// <param name="round">What is asked.</param>
/// <param name="lapsing">A partition whose lease ends if it has expired, where nothing is claimed.</param>
internal sealed class RoundTransaction(QueueSession session, QueueRound round, string? lapsing = null)
{
    // Enough to find leases that have expired among those that wait their turn.
    private const int QuarantinedLimit = 8;

    private readonly Dictionary<string, PartitionWork> _works = new(StringComparer.Ordinal);
    private readonly RoundWrites _writes = new(round.Topic);
    private readonly List<(PartitionWork Work, Resolution Resolution)> _settled = [];
    private readonly List<PartitionWork> _expired = [];
    private IReadOnlyList<ExpiredLease> _expiredLeases = [];
    private IReadOnlyList<MessageKey> _replaced = [];
    private RoundLocks _locks = null!;
    private LeaseResult[] _settlements = [];
    private LeaseResult[] _renewals = [];
    private bool _isHeldUp;

    /// <summary>Gets what the round comes to once it is committed, with another look for what is due; <see langword="null"/> before all is decided.</summary>
    public QueueRoundResult? Decided { get; private set; }

    private QueueClock Clock => _locks.Clock;

    private bool Claims => round.Limit > 0 || round.TakesQuarantined;

    /// <summary>Finds the partitions whose leases have expired, of those that a round would lock.</summary>
    public static async Task<IReadOnlyList<string>> FindExpiredAsync(QueueSession session, QueueRound round, CancellationToken cancellationToken)
    {
        var locks = await session.LockForRoundAsync(round.Topic, [.. round.Renewals.Select(static lease => lease.PartitionKey)], round.Limit, QuarantinedLimit, cancellationToken).ConfigureAwait(false);
        return [.. locks.Named.Concat(locks.Ready).Concat(locks.ReadyQuarantined).Where(row => HasExpired(row, locks.Clock)).Select(static row => row.Key).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Puts off the end of a lease that has expired, without writing its message.</summary>
    /// <returns><see langword="true"/> if it was put off; <see langword="false"/> if it has not expired, or if somebody else has locked it.</returns>
    public static async Task<bool> PutOffAsync(QueueSession session, string topic, string key, TimeSpan by, CancellationToken cancellationToken)
    {
        var locks = await session.LockForRoundAsync(topic, [key], 0, 0, cancellationToken).ConfigureAwait(false);
        if (locks.Named.FirstOrDefault(row => HasExpired(row, locks.Clock)) is not { } row)
        {
            return false;
        }

        row.ReadyAt = locks.Clock.After(by);
        QueueChanges changes = new();
        changes.Partitions.Add((topic, row));
        await session.WriteAsync(changes, null, isLast: true, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async Task<QueueRoundResult> RunAsync(CancellationToken cancellationToken)
    {
        string[] keys =
        [
            .. round.Settlements.Select(static settlement => settlement.Lease.PartitionKey),
            .. round.Renewals.Select(static lease => lease.PartitionKey),
            .. lapsing is null ? Array.Empty<string>() : [lapsing],
        ];
        _locks = await session.LockForRoundAsync(round.Topic, [.. keys.Distinct(StringComparer.Ordinal)], round.Limit, Claims ? QuarantinedLimit : 0, cancellationToken).ConfigureAwait(false);
        foreach (var row in _locks.Named.Concat(_locks.Ready).Concat(_locks.ReadyQuarantined))
        {
            _works.TryAdd(row.Key, new PartitionWork(row));
        }

        Sort();
        await ReadSettledAndExpiredAsync(cancellationToken).ConfigureAwait(false);
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        await ApplyAsync(cancellationToken).ConfigureAwait(false);
        var claims = Claims ? await new ClaimStep(session, round, Clock, _writes).RunAsync(_works.Values, cancellationToken).ConfigureAwait(false) : [];
        Decided = ResultOf(claims, default) with { NextDueIn = TimeSpan.Zero, IsMore = true };
        var next = await session.WriteAsync(_writes.Collect(), round.Topic, isLast: true, cancellationToken).ConfigureAwait(false);
        return ResultOf(claims, next);
    }

    private static bool HasExpired(PartitionRow row, QueueClock clock) => row.LeaseToken is not null && row.ReadyAt <= clock.Floor;

    /// <summary>Finds out which leases are good, and which have expired.</summary>
    private void Sort()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        _settlements = new LeaseResult[round.Settlements.Count];
        for (var i = 0; i < _settlements.Length; i++)
        {
            var (lease, resolution) = round.Settlements[i];
            _settlements[i] = Check(lease, used);
            if (_settlements[i] == LeaseResult.Applied)
            {
                _settled.Add((_works[lease.PartitionKey], resolution));
            }
        }

        _renewals = new LeaseResult[round.Renewals.Count];
        for (var i = 0; i < _renewals.Length; i++)
        {
            _renewals[i] = Check(round.Renewals[i], used);
            if (_renewals[i] == LeaseResult.Applied)
            {
                var work = _works[round.Renewals[i].PartitionKey];
                work.Row.ReadyAt = Clock.After(round.LeaseDuration);
                _writes.Write(work);
            }
        }

        if (Claims || lapsing is not null)
        {
            _expired.AddRange(_works.Values.Where(work => HasExpired(work.Row, Clock)));
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

    private async Task ReadSettledAndExpiredAsync(CancellationToken cancellationToken)
    {
        List<PartitionWork> all = [.. _settled.Select(static settled => settled.Work), .. _expired];
        if (all.Count == 0)
        {
            return;
        }

        var stepsAside = _settled.Where(static settled => settled.Resolution.Kind is not (ResolutionKind.Postpone or ResolutionKind.HandBack)).Select(static settled => settled.Work).Concat(_expired);
        var read = await session.ReadAsync(
            new MessageQuery
            {
                Topic = round.Topic,
                Sequences = [.. all.Select(static work => work.Row.HeldSequence!.Value)],
                Firsts = [.. stepsAside.Select(static work => new FirstMessage(work.Row.Key, work.Row.HeldSequence))],
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var message in read.BySequence)
        {
            var work = _works[message.PartitionKey];
            work.Row.Complete(message);
            work.Held = message;
        }

        foreach (var message in read.Firsts)
        {
            _works[message.PartitionKey].Other = message;
        }
    }

    /// <summary>Frees the partitions whose message somebody has deleted by hand: it must not keep all others from being claimed.</summary>
    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var orphans = _settled.Select(static settled => settled.Work).Concat(_expired).Where(static work => work.Held is null).ToDictionary(static work => work.Row.Key, StringComparer.Ordinal);
        if (orphans.Count == 0)
        {
            return;
        }

        var read = await session.ReadAsync(new MessageQuery { Topic = round.Topic, Firsts = [.. orphans.Keys.Select(static key => new FirstMessage(key, null))] }, cancellationToken).ConfigureAwait(false);
        foreach (var message in read.Firsts)
        {
            orphans[message.PartitionKey].Other = message;
        }

        foreach (var (work, _) in _settled.Where(settled => orphans.ContainsKey(settled.Work.Row.Key)))
        {
            _settlements[IndexOf(work)] = LeaseResult.Stale;
        }

        foreach (var work in orphans.Values)
        {
            _writes.Release(work);
        }

        _settled.RemoveAll(settled => orphans.ContainsKey(settled.Work.Row.Key));
        _expired.RemoveAll(work => orphans.ContainsKey(work.Row.Key));
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        DeadLetterTopic letters = new(session, round.Topic, _writes.Changes);
        LeaseEnds ends = new(round, Clock, _writes, letters);
        var buried = _settled.Where(settled => ends.IsBuried(settled.Resolution)).Select(static settled => settled.Work).Concat(_expired.Where(ends.IsExhausted)).ToList();
        await letters.LockAsync([.. buried.Select(static work => work.Held!)], cancellationToken).ConfigureAwait(false);
        foreach (var (work, resolution) in _settled)
        {
            if (ends.IsBuried(resolution) && !letters.CanTake(work.Row.Key))
            {
                _settlements[IndexOf(work)] = LeaseResult.Busy;
                continue;
            }

            ends.Settle(work, resolution);
        }

        foreach (var work in _expired)
        {
            if (ends.IsExhausted(work) && !letters.CanTake(work.Row.Key))
            {
                // It keeps its lease until the letter can be written. What is behind it may be due, which the row of the partition does not say.
                _isHeldUp = true;
                continue;
            }

            ends.ExpiredLease(work);
        }

        _expiredLeases = ends.ExpiredLeases;
        _replaced = letters.Replaced;
    }

    private int IndexOf(PartitionWork work)
    {
        var index = 0;
        while (_settlements[index] != LeaseResult.Applied || round.Settlements[index].Lease.PartitionKey != work.Row.Key)
        {
            index++;
        }

        return index;
    }

    private QueueRoundResult ResultOf(IReadOnlyList<Claim> claims, NextDue next)
    {
        // What is never ready is a partition that a publish has made and not used.
        var due = next.Ordinary == PartitionRow.NeverReady ? null : next.Ordinary;
        if (round.TakesQuarantined && next.Quarantined is { } quarantined && !claims.Any(static claim => claim.IsQuarantined))
        {
            due = Math.Min(due ?? long.MaxValue, quarantined);
        }

        if (_isHeldUp)
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
