using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Model;

/// <summary>Does the same to an engine and to the model, and compares what they say.</summary>
internal sealed class ModelRun(EngineFixture fixture, IQueueEngine engine, string topic)
{
    // By the pause after a failure the tests of the rules hold the engines; here an expiry has none, so that it can be foreseen.
    private static readonly RetryPolicy Policy = new(ModelTopic.MaxAttempts, TimeSpan.Zero, TimeSpan.FromMilliseconds(ModelTopic.LongestPause));
    private static readonly int[] Delays = [0, 0, 1, 7, 31, 90];

    private readonly ModelTopic _letters = new(null);
    private readonly List<(bool IsLetter, Claim Claim)> _claims = [];
    private ModelTopic? _messages;
    private long _now;

    private ModelTopic Messages => _messages ??= new ModelTopic(_letters);

    public Task DoAsync(Operation operation) => operation.Kind switch
    {
        OperationKind.Publish => PublishAsync(operation),
        OperationKind.PublishInTransaction => PublishInTransactionAsync(operation),
        OperationKind.QueueRound => RunRoundAsync(operation),
        OperationKind.Advance => AdvanceAsync(operation),
        OperationKind.Crash => CrashAsync(),
        OperationKind.Redrive => TakeAsync(operation, isRedrive: true),
        _ => TakeAsync(operation, isRedrive: false),
    };

    private static TimeSpan DelayOf(int number) => TimeSpan.FromSeconds(Delays[number % Delays.Length]);

    private static (string, string) KeyOf(int number) => ($"p{number % 2}", $"m{number / 2 % 3}");

    private static List<((string, string) Key, TimeSpan Delay)> MessagesOf(Operation operation) =>
        [.. Enumerable.Range(0, 1 + (operation[0] % 3)).Select(i => (KeyOf(operation[1 + i]), DelayOf(operation[4 + i])))];

    private async Task PublishAsync(Operation operation)
    {
        var messages = MessagesOf(operation);

        var results = await engine.PublishAsync(ToPublish(messages), CancellationToken.None);

        results.Should().Equal(messages.Select(message => Messages.Publish(message.Key, At(message.Delay))));
    }

    private async Task PublishInTransactionAsync(Operation operation)
    {
        if (fixture is not SqlFixture sql)
        {
            await PublishAsync(operation);
            return;
        }

        var messages = MessagesOf(operation);
        await using var connection = await sql.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var results = await ((RelationalQueueEngine)engine).PublishAsync(transaction, ToPublish(messages), CancellationToken.None);
        if (operation[7] % 2 == 0)
        {
            await transaction.RollbackAsync();
            return;
        }

        await transaction.CommitAsync();
        results.Should().Equal(messages.Select(message => Messages.Publish(message.Key, At(message.Delay))));
    }

    private OutgoingMessage[] ToPublish(IEnumerable<((string Partition, string Id) Key, TimeSpan Delay)> messages) =>
        [.. messages.Select(message => new OutgoingMessage(topic, new Message { PartitionKey = message.Key.Partition, Id = message.Key.Id }, message.Delay))];

    private long At(TimeSpan delay) => _now + (long)delay.TotalMilliseconds;

    private async Task AdvanceAsync(Operation operation)
    {
        var by = operation[0] % 40 * 1000;
        await fixture.AdvanceAsync(TimeSpan.FromMilliseconds(by));
        _now += by;
    }

    private async Task CrashAsync()
    {
        await fixture.AdvanceAsync(TimeSpan.FromMilliseconds(ModelTopic.Lease));
        _now += ModelTopic.Lease;
    }

    private async Task RunRoundAsync(Operation operation)
    {
        var isLetter = operation[0] % 4 == 0;
        var model = isLetter ? _letters : Messages;
        var (settlements, renewals) = Choose(operation, isLetter);
        var claims = operation[6] % 4 != 0;
        var takesQuarantined = claims && operation[7] % 3 != 0;
        QueueRound round = new()
        {
            Topic = isLetter ? Topic.DeadLettersOf(topic) : topic,
            Policy = Policy,
            LeaseDuration = TimeSpan.FromMilliseconds(ModelTopic.Lease),
            Settlements = settlements,
            Renewals = renewals,
            Limit = claims ? 10 : 0,
            TakesQuarantined = takesQuarantined,
        };

        var result = await engine.RunRoundAsync(round, CancellationToken.None);

        result.Settlements.Should().Equal(settlements.Select(settlement => Expect(model, settlement.Lease, () => model.Settle(settlement, _now))));
        result.Renewals.Should().Equal(renewals.Select(lease => Expect(model, lease, () => model.Renew(lease, _now))));
        if (claims)
        {
            model.ExpiredLease(_now);
        }

        result.Claims.Count(claim => claim.IsQuarantined).Should().BeLessThanOrEqualTo(takesQuarantined ? 1 : 0);
        foreach (var claim in result.Claims)
        {
            Check(model, claim);
            model.Claim(claim, _now);
            _claims.Add((isLetter, claim));
        }

        if (claims)
        {
            CheckNext(model, result, takesQuarantined && !result.Claims.Any(claim => claim.IsQuarantined));
        }

        await CheckLettersAsync();
    }

    private LeaseResult Expect(ModelTopic model, Lease lease, Action apply)
    {
        if (!model.Holds(lease, _now))
        {
            return LeaseResult.Stale;
        }

        apply();
        return LeaseResult.Applied;
    }

    /// <summary>Chooses what becomes of leases, also of such that have ended or were given back, one per partition.</summary>
    private (List<Settlement> Settlements, List<Lease> Renewals) Choose(Operation operation, bool isLetter)
    {
        List<Settlement> settlements = [];
        List<Lease> renewals = [];
        var candidates = _claims.Where(claim => claim.IsLetter == isLetter).Select(claim => claim.Claim.Lease).Reverse().Take(6).GroupBy(lease => lease.PartitionKey);
        var index = 1;
        foreach (var candidate in candidates)
        {
            var lease = candidate.ElementAt(operation[index] % 5 == 0 ? candidate.Count() - 1 : 0);
            var delay = DelayOf(operation[index + 2]);
            Outcome? resolution = (operation[index++] % 9) switch
            {
                0 or 1 => Outcome.Done,
                2 => Outcome.Postpone(delay),
                3 => Outcome.RetryAfter(delay, new Failure("retried")),
                4 => Outcome.Reject(new Failure("rejected")),
                5 => Outcome.HandBack,
                _ => null,
            };
            if (resolution is not null)
            {
                settlements.Add(new Settlement(lease, resolution));
            }
            else if (operation[index] % 2 == 0)
            {
                renewals.Add(lease);
            }
        }

        return (settlements, renewals);
    }

    private void Check(ModelTopic model, Claim claim)
    {
        var partition = claim.Lease.PartitionKey;
        model.IsLeased(partition).Should().BeFalse();
        var expected = model.Next(partition);
        claim.Delivery.Message.Id.Should().Be(expected.Id);
        expected.Visible.Should().BeLessThanOrEqualTo(_now);
        claim.Delivery.Attempt.Should().Be(expected.Failures + 1);
        claim.Delivery.Deliveries.Should().Be(expected.Deliveries + 1);
        claim.Delivery.Redelivered.Should().Be(expected.IsUnsettled);
        claim.IsQuarantined.Should().Be(expected.IsQuarantined);
        claim.Delivery.DeadLetterCause?.Attempts.Should().Be(expected.LetterAttempts);
    }

    /// <summary>A due message must have been claimed or reported. Any other must be reported in time.</summary>
    private void CheckNext(ModelTopic model, QueueRoundResult result, bool countsQuarantined)
    {
        var next = model.Partitions.Where(partition => countsQuarantined || !model.Next(partition).IsQuarantined).Select(partition => (long?)model.ReadyAt(partition)).Min();
        if (next <= _now)
        {
            result.IsMore.Should().BeTrue();
        }
        else if (next is { } at)
        {
            result.NextDueIn.Should().NotBeNull().And.BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(at - _now));
        }
    }

    private async Task TakeAsync(Operation operation, bool isRedrive)
    {
        (string Partition, string Id)[] keys = [.. Enumerable.Range(0, 1 + (operation[0] % 3)).Select(i => KeyOf(operation[1 + i])).Distinct()];
        MessageKey[] asked = [.. keys.Select(key => new MessageKey { PartitionKey = key.Partition, Id = key.Id })];

        var count = await (isRedrive ? engine.RedriveAsync(topic, asked, CancellationToken.None) : engine.PurgeAsync(topic, asked, CancellationToken.None));

        var taken = keys.Select(_letters.Find).OfType<ModelMessage>().ToList();
        count.Should().Be(taken.Count);
        foreach (var letter in taken)
        {
            _letters.Remove(letter);
            if (isRedrive)
            {
                Messages.Publish(letter.Key, _now);
            }
        }

        await CheckLettersAsync();
    }

    private async Task CheckLettersAsync()
    {
        var page = await engine.ListDeadLettersAsync(topic, 100, null, CancellationToken.None);
        page.Letters.Select(letter => (letter.Message.PartitionKey, letter.Message.Id, letter.Cause?.Attempts))
            .Should().BeEquivalentTo(_letters.Messages.Select(letter => (letter.Partition, letter.Id, letter.LetterAttempts)));
    }
}
