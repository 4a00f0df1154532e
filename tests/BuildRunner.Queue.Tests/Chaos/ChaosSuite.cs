namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>Every message ends once, none is lost, none is early, and nothing is left behind, regardless of kills.</summary>
[Collection("Chaos")]
public abstract class ChaosSuite<TDatabase>
    where TDatabase : ChaosDatabase, new()
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Every_message_ends_once_whatever_is_killed()
    {
        var options = ChaosOptions.Read();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"CHAOS_SEED={options.Seed.Value}");
        await using TDatabase database = new();
        await database.InitializeAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience + (2 * TimeSpan.FromSeconds(options.Seconds)));
        using ChaosRun run = new(database, options, patience.Token);

        await run.RunAsync();

        History history = new(run.Journals);
        var letters = await ReadLettersAsync(database);
        output.WriteLine($"{run.Kills} kills, {history.OutgoingMessages.Count} publications, {history.Claims.Count} deliveries, {history.Claims.Count(static claim => claim.Claimed.IsQuarantined)} of quarantined messages, {history.Claims.Count(static claim => claim.Settlements.Exists(static settlement => settlement.Result == LeaseResult.Stale))} settled too late, {letters.Count} dead letters.");
        new Judgement(history, letters, run.Interruptions).Faults.Should().BeEmpty("CHAOS_SEED={0}", options.Seed.Value);
        (await database.QueryAsync("SELECT topic, COUNT(*) FROM queue_messages GROUP BY topic")).Sum(static row => row.Value).Should().Be(letters.Count);
        (await database.QueryAsync("SELECT partition_key, COALESCE(current_seq, 0) FROM queue_partitions")).Should()
            .BeEquivalentTo(letters.Select(static letter => letter.Message.PartitionKey).Distinct().Select(static key => (key, 0L)), "a partition is there as long as its messages are");
    }

    private static async Task<IReadOnlyList<DeadLetter>> ReadLettersAsync(ChaosDatabase database)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.Delete(path);
            using Host.Journal journal = new(path);
            await using var engine = Host.Chaos.CreateEngine(database.Engine, database.ConnectionString, journal);
            return (await engine.ListDeadLettersAsync(Host.Chaos.Topic, int.MaxValue, null, CancellationToken.None)).Letters;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
