using BuildRunner.Queue.Tests.Hosting;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Sqlite;

/// <summary>Rule Q12: what a failure means.</summary>
public sealed class SqliteTransientTests
{
    [Theory]
    [InlineData(5, FailureKind.Transient)] // SQLITE_BUSY
    [InlineData(6, FailureKind.Transient)] // SQLITE_LOCKED
    [InlineData(8, FailureKind.ReadOnly)] // SQLITE_READONLY
    [InlineData(10, FailureKind.Permanent)] // SQLITE_IOERR
    [InlineData(11, FailureKind.Permanent)] // SQLITE_CORRUPT
    [InlineData(13, FailureKind.Permanent)] // SQLITE_FULL
    [InlineData(14, FailureKind.Permanent)] // SQLITE_CANTOPEN
    [InlineData(18, FailureKind.Content)] // SQLITE_TOOBIG
    [InlineData(19, FailureKind.Content)] // SQLITE_CONSTRAINT
    internal async Task What_SQLite_says_means_something(int code, FailureKind kind)
    {
        await using SqliteQueueDatabase database = new("Data Source=nowhere.db");

        database.KindOf(new SqliteException("no", code)).Should().Be(kind);
        database.KindOf(new InvalidOperationException()).Should().Be(FailureKind.Permanent);
    }

    [Fact]
    public async Task What_the_file_refuses_to_store_is_logged()
    {
        await using SqliteFixture file = new();
        RecordingLogger log = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddQueue().UseSqlite(file.ConnectionString);
        await using var provider = services.BuildServiceProvider();
        Consumer consumer = new(provider.GetRequiredService<RelationalQueueEngine>());
        await consumer.PublishAsync("a");
        var claim = await consumer.ClaimOneAsync();
        await file.RefuseMessagesUnlessAsync("deliveries = 0");

        (await consumer.RetryAsync(claim)).Should().Be(LeaseResult.Stale);

        log.Entries.Should().ContainSingle(static entry => entry.Category == "BuildRunner.Sqlite" && entry.Level == LogLevel.Error);
    }
}
