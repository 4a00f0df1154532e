using BuildRunner.Queue.Tests.Hosting;
using BuildRunner.Relational;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>Rule Q14: the connection that listens makes things earlier, and nothing depends on it.</summary>
[Slow]
public sealed class PostgreSqlListenerTests : IAsyncLifetime
{
    private const string Listener = "listener";
    private const string OfListener = $"FROM pg_stat_activity WHERE application_name = current_setting('application_name') || '{Listener}' AND query LIKE 'LISTEN %'";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(7);

    private readonly PostgreSqlFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_another_process_publishes_while_the_listening_connection_is_cut_is_delivered_within_the_poll_interval()
    {
        // Who listens pauses before it connects again, and its time stands still: the connection stays cut.
        FakeTimeProvider standing = new();
        RelationalQueueEngine engine = new(_fixture.OpenDatabase($";Application Name={ApplicationName}{Listener}", standing), TimeProvider.System);
        await using TestHost host = new(static options => options.PollInterval = PollInterval, engine: engine);
        await using var other = await _fixture.OpenAsync();
        await host.Hosted.StartAsync(CancellationToken.None);
        await host.UntilAsync(() => host.Time.WaitingPumps == 1);
        (await _fixture.CountAsync($"SELECT COUNT(pg_terminate_backend(pid, 60000)) {OfListener}")).Should().Be(1);
        var publishedAt = host.Time.GetUtcNow();

        await new Consumer(other, TestHost.Topic).PublishAsync("a");
        var call = await host.NextCallAsync();

        call.Delivery.Message.Id.Should().Be("a");
        (host.Time.GetUtcNow() - publishedAt).Should().BePositive().And.BeLessThanOrEqualTo(PollInterval);
        (await _fixture.CountAsync($"SELECT COUNT(*) {OfListener}")).Should().Be(0, "nobody was to listen meanwhile");
        call.Answer.SetResult(Outcome.Done);
    }

    private string ApplicationName => new Npgsql.NpgsqlConnectionStringBuilder(_fixture.ConnectionString).ApplicationName!;
}
