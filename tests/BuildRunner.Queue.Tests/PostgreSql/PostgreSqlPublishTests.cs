using System.Diagnostics;
using BuildRunner.PostgreSql;
using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Tests.Relational;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>The round trips of a publish. Each is a batch of the driver, and an activity of it.</summary>
[Slow]
public sealed class PostgreSqlPublishTests : IAsyncLifetime
{
    private const int Publishes = 16;

    private readonly PostgreSqlFixture _fixture = new();
    private int _roundTrips;
    private PostgreSqlConnections _connections = null!;
    private RelationalQueueEngine _engine = null!;
    private ActivityListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        await _fixture.InitializeAsync();

        // Nobody listens, so that what is counted is all of a publish.
        PostgreSqlText text = new(PostgreSqlText.DefaultClock, new PostgreSqlTables(schema: null)) { Notifies = false };
        _connections = new(_fixture.ConnectionString);
        _engine = new(new PostgreSqlQueueDatabase(_connections, text, TimeProvider.System), TimeProvider.System);
        await _engine.StartAsync(CancellationToken.None);
        _listener = new()
        {
            ShouldListenTo = static source => source.Name == "Npgsql",
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (IsOurs(activity))
                {
                    Interlocked.Increment(ref _roundTrips);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _engine.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_publish_to_new_partitions_is_one_round_trip_however_many_there_are()
    {
        (await CountAsync(("t", "p", "a"))).Should().Be((1, "Stored"));
        (await CountAsync(("t", "q", "a"), ("t", "r", "a"), ("u", "p", "a"), ("t", "q", "b"))).Should().Be((1, "Stored, Stored, Stored, Stored"));
        (await CountAsync(("t", "s", "a"), ("t", "s", "a"))).Should().Be((1, "Stored, Duplicate"));
        _connections.Clear();
        (await CountAsync(("t", "v", "a"))).Should().Be((1, "Stored"), "a new connection is none");
    }

    [Fact]
    public async Task A_publish_beside_what_is_there_is_two_round_trips_if_that_was_to_be_expected_and_three_if_not()
    {
        await CountAsync(("t", "p", "a"));

        (await CountAsync(("t", "p", "b"))).Should().Be((3, "Stored"));
        (await CountAsync(("t", "p", "c"))).Should().Be((2, "Stored"));
        (await CountAsync(("t", "p", "c"))).Should().Be((2, "Duplicate"));
        (await CountAsync(("t", "q", "a"))).Should().Be((2, "Stored"));
        (await CountAsync(("t", "r", "a"))).Should().Be((1, "Stored"), "the last one found nothing");
        (await CountAsync(("t", "r", "a"))).Should().Be((3, "Duplicate"));
        (await CountAsync(("u", "p", "a"))).Should().Be((1, "Stored"), "the other topic says nothing of this one");
    }

    [Fact]
    public async Task A_message_whose_partition_is_deleted_is_found_although_its_topic_seems_to_be_new_each_time()
    {
        await CountAsync(("t", "p0", "m0"));
        await _fixture.ExecuteAsync("DELETE FROM queue_partitions");

        var (results, _) = await PublishTogetherAsync(1);

        (await Task.WhenAll(results)).Should().Equal(PublishResult.Duplicate);
    }

    [Fact]
    public async Task A_message_whose_partition_is_deleted_fails_no_publish_that_shares_its_transaction()
    {
        await CountAsync(("t", "p7", "m7"));
        await _fixture.ExecuteAsync("DELETE FROM queue_partitions");

        var (results, transactions) = await PublishTogetherAsync(Publishes);

        (await Task.WhenAll(results)).Should().Equal(Enumerable.Range(0, Publishes).Select(static i => i == 7 ? PublishResult.Duplicate : PublishResult.Stored));
        transactions.Should().BeLessThan(Publishes, "they were not tried alone");
    }

    private async Task<(Task<PublishResult>[] Results, int Transactions)> PublishTogetherAsync(int count)
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedDatabase database = new(_fixture.OpenDatabase(TimeProvider.System), gate.Task, static session => new ExpectantSession(session));
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);
        await engine.StartAsync(CancellationToken.None);
        Task<PublishResult>[] results = [.. Enumerable.Range(0, count).Select(async i =>
            (await engine.PublishAsync([new OutgoingMessage("t", Consumer.MessageOf($"m{i}", $"p{i}"))], CancellationToken.None)).Single())];
        gate.SetResult();
        await Task.WhenAll(results).ContinueWith(static _ => { }, TaskScheduler.Default);
        return (results, database.Transactions);
    }

    private async Task<(int RoundTrips, string Results)> CountAsync(params (string Topic, string Key, string Id)[] messages)
    {
        Interlocked.Exchange(ref _roundTrips, 0);
        var results = await _engine.PublishAsync(
            [.. messages.Select(static item => new OutgoingMessage(item.Topic, Consumer.MessageOf(item.Id, item.Key)))], CancellationToken.None);
        return (Volatile.Read(ref _roundTrips), string.Join(", ", results));
    }

    // Other tests run at the same time: the driver names the data source by its connection string. Only a command has a text, and not a new connection.
    private bool IsOurs(Activity activity) =>
        activity.GetTagItem("db.query.text") is string
        && activity.GetTagItem("db.npgsql.data_source") is string source
        && source.Contains(new NpgsqlConnectionStringBuilder(_fixture.ConnectionString).ApplicationName!, StringComparison.Ordinal);
}
