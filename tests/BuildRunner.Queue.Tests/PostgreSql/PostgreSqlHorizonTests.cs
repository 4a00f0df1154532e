using System.Data;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>What polls leave behind while somebody keeps a transaction open that goes on seeing what was there when it began, so that the server can remove nothing.</summary>
[Slow]
public sealed class PostgreSqlHorizonTests : IAsyncLifetime
{
    private const int Builds = 50;
    private const int Polls = 40;

    /// <summary>A claim and a postpone write the row of the partition once each.</summary>
    private const int VersionsOfPoll = 2;

    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);

    private readonly PostgreSqlFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_poll_leaves_two_rows_of_its_partition_behind_and_nothing_of_its_message()
    {
        await PollAsync(1, publishes: true);
        await using NpgsqlConnection report = new(_fixture.ConnectionString);
        await report.OpenAsync();
        await using var transaction = await report.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        await using NpgsqlCommand look = new("SELECT COUNT(*) FROM queue_partitions", report, transaction);
        await look.ExecuteScalarAsync();
        var (partitions, messages) = (await StatisticsOfAsync("queue_partitions"), await StatisticsOfAsync("queue_messages"));

        await PollAsync(Polls, publishes: false);

        var written = await StatisticsOfAsync("queue_partitions");
        (written.Updates - partitions.Updates).Should().Be(Builds * Polls * VersionsOfPoll);
        (written.Dead - partitions.Dead).Should().BeLessThanOrEqualTo(Builds * Polls * VersionsOfPoll);
        (await StatisticsOfAsync("queue_messages")).Should().Be(messages, "its payload is not copied by a poll");

        await transaction.CommitAsync();
        await _fixture.ExecuteAsync("VACUUM queue_partitions");
        (await StatisticsOfAsync("queue_partitions")).Dead.Should().Be(0, "they go with the transaction");
    }

    // A server counts what a connection has written when it ends at the latest.
    private async Task PollAsync(int polls, bool publishes)
    {
        var name = $"polls-{Guid.NewGuid():N}";
        await using (BuildRunner.Relational.RelationalQueueEngine engine = new(_fixture.OpenDatabase($";Application Name={name}"), TimeProvider.System))
        {
            await engine.StartAsync(CancellationToken.None);
            Consumer consumer = new(engine);
            if (publishes)
            {
                await consumer.PublishAllAsync(Enumerable.Range(0, Builds).Select(static build => Consumer.MessageOf("poll", $"build-{build}")));
            }

            for (var poll = 0; poll < polls; poll++)
            {
                var claims = await consumer.ClaimAsync(Builds);
                claims.Should().HaveCount(Builds);
                await consumer.RunRoundAsync(settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.Postpone(Cadence)))]);
                await _fixture.AdvanceAsync(Cadence);
            }
        }

        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (await _fixture.CountAsync($"SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '{name}'") > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task<(long Updates, long Dead)> StatisticsOfAsync(string table) =>
        (await _fixture.CountAsync($"SELECT n_tup_upd FROM pg_stat_user_tables WHERE relid = '{table}'::regclass"), await _fixture.CountAsync($"SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = '{table}'::regclass"));
}
