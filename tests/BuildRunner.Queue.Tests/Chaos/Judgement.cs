using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>Finds errors of the queue from what is certain: a claim was committed between request and answer, an unanswered settlement may or may not have happened, and an unknown claim was not settled.</summary>
internal sealed class Judgement(History history, IReadOnlyList<DeadLetter> letters, IReadOnlyList<(long From, long To)> interruptions)
{
    private readonly ILookup<Incarnation, ClaimRecord> _byMessage = history.Claims.OrderBy(static claim => claim.Claimed.Deliveries).ToLookup(static claim => claim.Message);
    private readonly ILookup<(string, string), ClaimRecord> _byKey = history.Claims.ToLookup(static claim => (claim.Message.Partition, claim.Message.Id));
    private readonly ILookup<(string, string), DeadLetter> _letters = letters.ToLookup(static letter => (letter.Message.PartitionKey, letter.Message.Id));
    private readonly ILookup<(string, string), (Entry.Sent Message, long At, bool IsAcknowledged)> _publications = history.OutgoingMessages.ToLookup(static item => (item.Message.Partition, item.Message.Id));

    public IReadOnlyList<string> Faults => [.. Lives(), .. OutgoingMessages(), .. Letters(), .. Settlements(), .. Partitions()];

    /// <summary>Each message ends once, by what was last made of it, and is not seen again.</summary>
    private IEnumerable<string> Lives()
    {
        foreach (var life in _byMessage)
        {
            var claims = life.ToList();
            for (var i = 1; i < claims.Count; i++)
            {
                var (before, after) = (claims[i - 1], claims[i]);
                if (before.Claimed.Deliveries == after.Claimed.Deliveries)
                {
                    yield return $"delivered twice as one: {before}, {after}";
                }

                if (before.Applied is { Kind: OutcomeKind.Done or OutcomeKind.Reject })
                {
                    yield return $"delivered after its end: {before}, {after}";
                }

                if (before.Claimed.Deliveries + 1 == after.Claimed.Deliveries && before.Applied is { } applied && IsEarly(applied, after))
                {
                    yield return $"delivered before its delay was over: {before}, {after}";
                }
            }

            var last = claims[^1];
            if (!MayHaveEnded(last, OutcomeKind.Done) && !MayHaveEnded(last, OutcomeKind.Reject) && !IsExpired(life.Key))
            {
                yield return $"vanished: {last}";
            }

            if (last.Applied is { Kind: OutcomeKind.Reject } && !_letters[(life.Key.Partition, life.Key.Id)].Any(letter => letter.PublishedAt.ToUnixTimeMilliseconds() >= life.Key.PublishedAt))
            {
                yield return $"dead, but no dead letter: {last}";
            }
        }
    }

    // A publish while it waits, or is handled, hastens what was postponed, and nothing that has failed.
    private bool IsEarly(SettlementRecord applied, ClaimRecord after) =>
        after.At < applied.BeganAt + (long)(applied.Delay * 1000)
        && (applied.Kind == OutcomeKind.Retry || (applied.Kind == OutcomeKind.Postpone && _publications[(after.Message.Partition, after.Message.Id)].Count() == 1));

    /// <summary>An acknowledged message is delivered after that, and none before it was published.</summary>
    private IEnumerable<string> OutgoingMessages()
    {
        foreach (var (message, at, isAcknowledged) in history.OutgoingMessages)
        {
            var key = (message.Partition, message.Id);
            if (isAcknowledged && !_byKey[key].Any(claim => claim.At >= at) && !_letters[key].Any(IsExpired))
            {
                yield return $"lost: {message}, published at {at}";
            }
        }

        foreach (var claims in _byKey)
        {
            var earliest = _publications[claims.Key].Min(static item => item.At + (long)(item.Message.Delay * 1000));
            foreach (var claim in claims.Where(claim => claim.At < earliest))
            {
                yield return $"delivered before {earliest}: {claim}";
            }
        }
    }

    /// <summary>There is one dead letter of what is dead, and none of what is done.</summary>
    private IEnumerable<string> Letters()
    {
        foreach (var letter in letters)
        {
            var message = Incarnation.Of(letter.Message, letter.PublishedAt);
            var last = _byMessage[message].LastOrDefault();
            if (_letters[(message.Partition, message.Id)].Count() > 1)
            {
                yield return $"several dead letters: {message}";
            }

            if (letter.Cause is not { Topic: Host.Chaos.Topic } cause || cause.Attempts > Host.Chaos.MaxAttempts)
            {
                yield return $"a dead letter without its cause: {message} {letter.Cause}";
            }
            else if (!IsExpired(letter) && (last is null || !MayHaveEnded(last, OutcomeKind.Reject)))
            {
                yield return $"a dead letter that nobody has made: {message} {cause}, {last}";
            }
            else if (IsExpired(letter) && cause.Attempts != Host.Chaos.MaxAttempts)
            {
                yield return $"dead too soon: {message} {cause}, {last}";
            }
        }
    }

    /// <summary>Settlements are what the handlers have said, and hold as long as the lease does, and no longer.</summary>
    private IEnumerable<string> Settlements()
    {
        foreach (var claim in history.Claims)
        {
            var isVerdict = history.Verdicts.TryGetValue((claim.Message, claim.Claimed.Deliveries), out var verdict);
            foreach (var settlement in claim.Settlements.Where(static settlement => settlement.Kind != OutcomeKind.HandBack))
            {
                if (!isVerdict || !IsOf(settlement.Kind, verdict, claim.Claimed.Attempt))
                {
                    yield return $"settled otherwise than as {(isVerdict ? verdict : "nothing")}: {claim}";
                }
            }

            if (claim.Repeated.Exists(static settlement => settlement.Result == LeaseResult.Applied))
            {
                yield return $"settled with a lease that had ended: {claim}";
            }

            if (claim.Settlements is [{ Result: LeaseResult.Stale } first, ..] && first.At < claim.LeasedUntil && !MayBeDone(first))
            {
                yield return $"the lease has ended too soon: {claim}";
            }
        }
    }

    private static bool IsOf(OutcomeKind kind, Verdict verdict, int attempt) => verdict switch
    {
        Verdict.Postpone => kind == OutcomeKind.Postpone,
        Verdict.Reject => kind == OutcomeKind.Reject,
        Verdict.Retry or Verdict.Throw => kind == (attempt >= Host.Chaos.MaxAttempts ? OutcomeKind.Reject : OutcomeKind.Retry),
        _ => kind == OutcomeKind.Done,
    };

    /// <summary>A partition is leased to one at a time, and does not pass by what was postponed.</summary>
    private IEnumerable<string> Partitions()
    {
        foreach (var partition in history.Claims.GroupBy(static claim => claim.Message.Partition))
        {
            var claims = partition.OrderBy(static claim => claim.At).ToList();
            for (var i = 1; i < claims.Count; i++)
            {
                var (one, other) = (claims[i - 1], claims[i]);
                if (one.IsUnsettledAt(other.At) && other.At < one.LeasedUntil && one.At < other.LeasedUntil)
                {
                    yield return $"two at once: {one}, {other}";
                }

                if (one.At < other.BeganAt && one.Applied is { } applied && applied.BeganAt > other.At)
                {
                    yield return $"settled by who had lost it: {one}, {other}";
                }

                if (IsPassedBy(one, other))
                {
                    yield return $"passed by what was postponed: {one}, {other}";
                }
            }
        }
    }

    private bool IsPassedBy(ClaimRecord postponed, ClaimRecord other) =>
        postponed.Applied is { Kind: OutcomeKind.Postpone } applied && postponed.Message != other.Message && other.BeganAt > applied.At
        && _byMessage[postponed.Message].FirstOrDefault(claim => claim.Claimed.Deliveries == postponed.Claimed.Deliveries + 1) is { } next && other.At < next.BeganAt;

    private bool MayHaveEnded(ClaimRecord claim, OutcomeKind kind) => claim.Settlements.Exists(settlement => settlement.Kind == kind && MayBeDone(settlement));

    // An engine asks again by itself where a server has gone after it has done what was asked: the lease has ended then.
    private bool MayBeDone(SettlementRecord settlement) =>
        settlement.Result is null or LeaseResult.Applied
        || (settlement.Result == LeaseResult.Stale && interruptions.Any(away => away.From <= settlement.At && settlement.BeganAt <= away.To));

    private bool IsExpired(Incarnation message) =>
        _letters[(message.Partition, message.Id)].Any(letter => letter.PublishedAt.ToUnixTimeMilliseconds() > message.PublishedAt || (Incarnation.Of(letter.Message, letter.PublishedAt) == message && IsExpired(letter)));

    private static bool IsExpired(DeadLetter letter) => letter.Cause?.Failure.Type == LeaseExpiry.Failure.Type;
}
