namespace BuildRunner.Queue.Tests.Model;

/// <summary>A topic as the rules have it: a list, and per partition what is held. Slow, and plain enough to be read.</summary>
internal sealed class ModelTopic(ModelTopic? letters)
{
    public const int MaxAttempts = 3;
    public const long Lease = 30_000;
    public const long LongestPause = 60_000;

    private readonly Dictionary<string, ModelMessage> _held = [];
    private readonly Dictionary<string, (Lease Lease, long End)> _leases = [];
    private int _order;

    public List<ModelMessage> Messages { get; } = [];

    public IEnumerable<string> Partitions => Messages.Select(message => message.Partition).Distinct();

    public ModelMessage? Find((string Partition, string Id) key) => Messages.SingleOrDefault(message => message.Key == key);

    public bool IsLeased(string partition) => _leases.ContainsKey(partition);

    public ModelMessage Next(string partition) =>
        _held.GetValueOrDefault(partition) ?? Messages.Where(message => message.Partition == partition).OrderBy(message => message.Visible).ThenBy(message => message.Order).First();

    /// <summary>Gets when a partition has something to offer, or its lease ends.</summary>
    public long ReadyAt(string partition) => _leases.TryGetValue(partition, out var lease) ? lease.End : Next(partition).Visible;

    public PublishResult Publish((string Partition, string Id) key, long at)
    {
        if (Find(key) is not { } known)
        {
            Messages.Add(new ModelMessage(key.Partition, key.Id, _order++) { Visible = at });
            return PublishResult.Stored;
        }

        if (IsLeased(key.Partition) && _held[key.Partition] == known)
        {
            known.Wake = Math.Min(known.Wake ?? long.MaxValue, at);
        }
        else if (!known.IsBackingOff)
        {
            known.Visible = Math.Min(known.Visible, at);
        }

        return PublishResult.Duplicate;
    }

    public bool Holds(Lease lease, long now) => _leases.TryGetValue(lease.PartitionKey, out var current) && current.Lease == lease && current.End > now;

    public void Renew(Lease lease, long now) => _leases[lease.PartitionKey] = (lease, now + Lease);

    public void Claim(Claim claim, long now)
    {
        var partition = claim.Lease.PartitionKey;
        var message = Next(partition);
        _held[partition] = message;
        _leases[partition] = (claim.Lease, now + Lease);
        message.Deliveries++;
        message.IsUnsettled = true;
        message.IsBackingOff = false;
        message.Wake = null;
    }

    public void Settle(Settlement settlement, long now)
    {
        var message = Release(settlement.Lease.PartitionKey, settlement.Resolution.Kind is OutcomeKind.Postpone or OutcomeKind.HandBack);
        if (settlement.Resolution.Kind == OutcomeKind.HandBack)
        {
            return;
        }

        message.IsQuarantined = false;
        message.IsUnsettled = false;
        var delay = (long)settlement.Resolution.Delay.TotalMilliseconds;
        switch (settlement.Resolution.Kind)
        {
            case OutcomeKind.Done:
                Finish(message);
                break;
            case OutcomeKind.Postpone:
                message.Failures = 0;
                message.Visible = Math.Min(now + delay, message.Wake ?? long.MaxValue);
                message.Wake = null;
                break;
            case OutcomeKind.Reject when letters is not null:
                MoveToDeadLetters(message, now);
                break;
            default:
                message.Failures++;
                Pause(message, now + (settlement.Resolution.Kind == OutcomeKind.Retry ? delay : LongestPause));
                break;
        }
    }

    /// <summary>Ends all leases that have expired. There is no pause after one in the tests of the model.</summary>
    public void ExpiredLease(long now)
    {
        foreach (var partition in _leases.Where(lease => lease.Value.End <= now).Select(lease => lease.Key).ToList())
        {
            var message = Release(partition, holds: false);
            if (message.IsQuarantined && letters is not null && message.Failures + 1 >= MaxAttempts)
            {
                MoveToDeadLetters(message, now);
                continue;
            }

            message.Failures += message.IsQuarantined ? 1 : 0;
            message.IsQuarantined = true;
            Pause(message, now);
        }
    }

    public void Remove(ModelMessage message)
    {
        Messages.Remove(message);
        if (_held.GetValueOrDefault(message.Partition) == message)
        {
            _held.Remove(message.Partition);
            _leases.Remove(message.Partition);
        }
    }

    private ModelMessage Release(string partition, bool holds)
    {
        var message = _held[partition];
        _leases.Remove(partition);
        if (!holds)
        {
            _held.Remove(partition);
        }

        return message;
    }

    private void Finish(ModelMessage message)
    {
        Messages.Remove(message);
        if (message.Wake is { } wake)
        {
            Messages.Add(new ModelMessage(message.Partition, message.Id, message.Order) { Visible = wake, LetterAttempts = message.LetterAttempts });
        }
    }

    private static void Pause(ModelMessage message, long until)
    {
        message.IsBackingOff = true;
        message.Wake = null;
        message.Visible = until;
    }

    private void MoveToDeadLetters(ModelMessage message, long now)
    {
        if (letters!.Find(message.Key) is { } old)
        {
            letters.Remove(old);
        }

        letters.Messages.Add(new ModelMessage(message.Partition, message.Id, letters._order++) { Visible = now, LetterAttempts = message.Failures + 1 });
        Finish(message);
    }
}
