using System.Text;
using BuildRunner.Queue.Rules;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A consumer that does one thing at a time, and no more than the test says.</summary>
internal sealed class Consumer(IQueueEngine engine, string topic = Consumer.DefaultTopic)
{
    public const string DefaultTopic = "orders";

    internal IQueueEngine Engine { get; } = engine;

    public string Topic { get; } = topic;

    internal RetryPolicy Policy { get; init; } = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    public static Message MessageOf(string id, string partition = "p", string payload = "") => new() { PartitionKey = partition, Id = id, Payload = Encoding.UTF8.GetBytes(payload) };

    public Task<PublishResult> PublishAsync(string id, string partition = "p", TimeSpan delay = default) =>
        PublishAsync(MessageOf(id, partition), delay);

    public async Task<PublishResult> PublishAsync(Message message, TimeSpan delay = default) =>
        (await Engine.PublishAsync([new OutgoingMessage(Topic, message, delay)], CancellationToken.None)).Single();

    public async Task PublishAllAsync(IEnumerable<Message> messages, TimeSpan delay = default) =>
        (await Engine.PublishAsync([.. messages.Select(message => new OutgoingMessage(Topic, message, delay))], CancellationToken.None)).Should().OnlyContain(static result => result == PublishResult.Stored);

    internal Task<QueueRoundResult> RunRoundAsync(int limit = 0, bool takesQuarantined = false, IReadOnlyList<Settlement>? settlements = null, IReadOnlyList<Lease>? renewals = null) =>
        Engine.RunRoundAsync(
            new QueueRound
            {
                Topic = Topic,
                Policy = Policy,
                LeaseDuration = LeaseDuration,
                Limit = limit,
                TakesQuarantined = takesQuarantined,
                Settlements = settlements ?? [],
                Renewals = renewals ?? [],
            },
            CancellationToken.None);

    /// <summary>Claims as a consumer does that has nothing.</summary>
    internal async Task<IReadOnlyList<Claim>> ClaimAsync(int limit = 10, bool takesQuarantined = true) => (await RunRoundAsync(limit, takesQuarantined)).Claims;

    /// <summary>Claims and says which ids were delivered.</summary>
    public async Task<IReadOnlyList<string>> ClaimIdsAsync(int limit = 10, bool takesQuarantined = true) => [.. (await ClaimAsync(limit, takesQuarantined)).Select(IdOf)];

    /// <summary>Claims what must be one message.</summary>
    internal async Task<Claim> ClaimOneAsync() => (await ClaimAsync()).Should().ContainSingle().Subject;

    internal async Task<LeaseResult> SettleAsync(Claim claim, Outcome resolution) =>
        (await RunRoundAsync(settlements: [new Settlement(claim.Lease, resolution)])).Settlements.Single();

    internal async Task<LeaseResult> RenewAsync(Claim claim) => (await RunRoundAsync(renewals: [claim.Lease])).Renewals.Single();

    internal Task<LeaseResult> DoneAsync(Claim claim) => SettleAsync(claim, Outcome.Done);

    internal Task<LeaseResult> PostponeAsync(Claim claim, TimeSpan delay) => SettleAsync(claim, Outcome.Postpone(delay));

    internal Task<LeaseResult> RetryAsync(Claim claim, TimeSpan delay = default) => SettleAsync(claim, Outcome.RetryAfter(delay, new Failure("failed", "test")));

    internal Task<LeaseResult> DeadLetterAsync(Claim claim, string reason = "failed") => SettleAsync(claim, Outcome.Reject(new Failure(reason, "test")));

    internal Task<LeaseResult> HandBackAsync(Claim claim) => SettleAsync(claim, Outcome.HandBack);

    internal Task HandBackAllAsync(IEnumerable<Claim> claims) =>
        RunRoundAsync(settlements: [.. claims.Select(claim => new Settlement(claim.Lease, Outcome.HandBack))]);

    /// <summary>Claims one after the other, finishes each, and says in which order they came.</summary>
    public async Task<IReadOnlyList<string>> DrainAsync(int limit = 10)
    {
        List<string> ids = [];
        IReadOnlyList<Settlement> settlements = [];
        while (true)
        {
            var result = await RunRoundAsync(limit, takesQuarantined: true, settlements);
            result.Settlements.Should().AllBeEquivalentTo(LeaseResult.Applied);
            if (result.Claims.Count == 0)
            {
                return ids;
            }

            ids.AddRange(result.Claims.Select(IdOf));
            settlements = [.. result.Claims.Select(claim => new Settlement(claim.Lease, Outcome.Done))];
        }
    }

    public async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync() =>
        (await Engine.ListDeadLettersAsync(Topic, 1000, null, CancellationToken.None)).Letters;

    internal static string IdOf(Claim claim) => claim.Delivery.Message.Id;
}
