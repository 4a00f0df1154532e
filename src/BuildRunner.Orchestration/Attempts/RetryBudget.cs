using System.Text.Json;

namespace BuildRunner.Orchestration;

/// <summary>Represents how many further attempts the builds of an owner at a runner have begun lately: the document of the
/// budget.</summary>
internal sealed record RetryBudget
{
    // One more than an hour has, so that no hour has more attempts than the budget, wherever it begins. So the document has a size that
    // does not grow.
    private const int Minutes = 61;

    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromHours(2);

    /// <summary>How many attempts were begun, by the minute since 1970.</summary>
    public IReadOnlyDictionary<long, int> Spent { get; init; } = new Dictionary<long, int>();

    public static RetryBudget Read(BuildDocument? document) =>
        document is null ? new() : JsonSerializer.Deserialize(document.Value, DocumentJson.Default.RetryBudget)!;

    /// <summary>Gets how many attempts count at a time.</summary>
    public int SpentAt(DateTimeOffset now) => Counted(now).Sum(static minute => minute.Value);

    /// <summary>Gets the document to save in place of one, with one more attempt.</summary>
    public BuildDocument Spend(string name, BuildDocument? before, DateTimeOffset now)
    {
        Dictionary<long, int> spent = new(Counted(now));
        spent[MinuteOf(now)] = spent.GetValueOrDefault(MinuteOf(now)) + 1;
        return new()
        {
            Name = name,
            Value = JsonSerializer.Serialize(new RetryBudget { Spent = spent }, DocumentJson.Default.RetryBudget),
            Version = (before?.Version ?? 0) + 1,
            ExpiresAt = now + ExpiresAfter,
        };
    }

    private IEnumerable<KeyValuePair<long, int>> Counted(DateTimeOffset now) =>
        Spent.Where(minute => minute.Key > MinuteOf(now) - Minutes);

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;
}
