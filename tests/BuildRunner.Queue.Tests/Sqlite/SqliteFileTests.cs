using System.Globalization;
using System.Transactions;
using BuildRunner.Queue.Tests.Hosting;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using BuildRunner.Sqlite.Sessions;
using BuildRunner.Sqlite.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Sqlite;

/// <summary>The file of a queue: where it is, and what happens when somebody takes it away.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("queue-").FullName;

    private string FilePath => Path.Combine(_directory, "queue.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("{0}")]
    [InlineData("file:{0}")]
    [InlineData("file:{0}?cache=private")]
    public void A_relative_path_is_made_absolute_once_because_the_current_directory_may_change(string dataSource)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, FilePath);

        using SqliteFile file = new($"Data Source={string.Format(CultureInfo.InvariantCulture, dataSource, relative)}");
        using var connection = file.Open();

        file.Path.Should().Be(FilePath);
        new SqliteConnectionStringBuilder(connection.ConnectionString).DataSource.Should().Be(string.Format(CultureInfo.InvariantCulture, dataSource, FilePath));
        File.Exists(FilePath).Should().BeTrue();
    }

    [Fact]
    public async Task A_directory_that_is_missing_is_named_with_the_file()
    {
        var path = Path.Combine(_directory, "missing", "queue.db");
        await using var engine = Open($"Data Source={path}");

        var start = () => engine.StartAsync(CancellationToken.None);

        var thrown = (await start.Should().ThrowAsync<SqliteException>()).Which;
        thrown.SqliteErrorCode.Should().Be(14);
        thrown.Message.Should().Contain(path).And.Contain($"'{Path.Combine(_directory, "missing")}'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_taken_away_under_way_is_refused_until_it_is_back(bool isReplaced)
    {
        await using var engine = Open();
        Consumer consumer = new(engine);
        await consumer.PublishAsync("before", "before");
        var away = Path.Combine(_directory, "away.db");
        File.Move(FilePath, away);
        if (isReplaced)
        {
            File.Copy(away, FilePath);
        }

        var publish = () => consumer.PublishAsync("away", "away");
        var claim = () => consumer.ClaimAsync();
        var list = () => consumer.DeadLettersAsync();

        (await publish.Should().ThrowAsync<SqliteException>()).Which.Message.Should().Contain(FilePath);
        await claim.Should().ThrowAsync<SqliteException>();
        await list.Should().ThrowAsync<SqliteException>();
        File.Move(away, FilePath, overwrite: true);
        await consumer.PublishAsync("after", "after");
        (await consumer.DrainAsync()).Should().BeEquivalentTo("before", "after");
    }

    [Fact]
    public async Task A_file_that_is_deleted_is_not_made_anew_under_way()
    {
        await using var engine = Open();
        Consumer consumer = new(engine);
        await consumer.PublishAsync("a");
        foreach (var file in Directory.GetFiles(_directory))
        {
            File.Delete(file);
        }

        var publish = () => consumer.PublishAsync("b");

        for (var i = 0; i < 3; i++)
        {
            await publish.Should().ThrowAsync<SqliteException>();
        }

        Directory.GetFiles(_directory).Should().BeEmpty();
    }

    [Fact]
    public async Task A_publish_in_a_transaction_is_refused_while_the_file_is_another()
    {
        await using var engine = Open();
        await engine.StartAsync(CancellationToken.None);
        var away = Path.Combine(_directory, "away.db");
        File.Move(FilePath, away);
        File.Copy(away, FilePath);
        await using SqliteConnection connection = new($"Data Source={FilePath};Pooling=False");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();

        var publish = () => engine.PublishAsync(transaction, [new OutgoingMessage("t", Consumer.MessageOf("a"))], CancellationToken.None);

        await publish.Should().ThrowAsync<SqliteException>();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_log_that_grows_because_another_reads_is_warned_of_once_with_its_size()
    {
        RecordingLogger log = new();
        TaskCompletionSource warned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        log.Logged = _ => warned.TrySetResult();
        await using RelationalQueueEngine engine = new(new SqliteQueueDatabase($"Data Source={FilePath}", SqliteText.Clock, logger: log.CreateLogger("sqlite"), maxLogSize: 2 * 1024 * 1024), TimeProvider.System);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("a");
        await using SqliteConnection reader = new($"Data Source={FilePath};Pooling=False");
        await reader.OpenAsync();
        await using var transaction = reader.BeginTransaction(deferred: true);
        await using var command = reader.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM queue_messages";
        await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        for (var i = 0; i < 4; i++)
        {
            await consumer.PublishAsync(new Message { PartitionKey = "p", Id = $"{i}", Payload = new byte[1024 * 1024] });
        }

        await warned.Task.WaitAsync(TestContext.Current.CancellationToken);

        log.Entries.Should().ContainSingle().Which.Should().Match<RecordingLogger.Entry>(static entry => entry.Level == LogLevel.Warning && entry.Text.Contains("queue.db-wal"));

        TaskCompletionSource shrunk = new(TaskCreationOptions.RunContinuationsAsynchronously);
        log.Logged = _ => shrunk.TrySetResult();
        await consumer.PublishAsync(new Message { PartitionKey = "p", Id = "larger", Payload = new byte[1024 * 1024] });
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await using var checkpoint = reader.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        while ((long)(await checkpoint.ExecuteScalarAsync(TestContext.Current.CancellationToken))! != 0)
        {
            // The engine was using the log.
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        await shrunk.Task.WaitAsync(TestContext.Current.CancellationToken);
        log.Entries.Select(static entry => entry.Level).Should().Equal(LogLevel.Warning, LogLevel.Information);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_logger_that_throws_does_not_end_the_thread_that_writes()
    {
        TaskCompletionSource logged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RecordingLogger log = new()
        {
            Logged = _ =>
            {
                logged.TrySetResult();
                throw new InvalidOperationException();
            },
        };
        await using RelationalQueueEngine engine = new(new SqliteQueueDatabase($"Data Source={FilePath}", SqliteText.Clock, logger: log.CreateLogger("sqlite"), maxLogSize: 1), TimeProvider.System);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("a");
        await using SqliteConnection reader = new($"Data Source={FilePath};Pooling=False");
        await reader.OpenAsync();
        await using var transaction = reader.BeginTransaction(deferred: true);
        await using var command = reader.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM queue_messages";
        await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        await consumer.PublishAsync("b");
        await logged.Task.WaitAsync(TestContext.Current.CancellationToken);

        (await consumer.PublishAsync("c")).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task A_publish_is_stored_whatever_becomes_of_an_ambient_transaction()
    {
        await using var engine = Open();
        Consumer consumer = new(engine);

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await consumer.PublishAsync("a");
        }

        (await consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    private RelationalQueueEngine Open(string? connectionString = null) => new(new SqliteQueueDatabase(connectionString ?? $"Data Source={FilePath}"), TimeProvider.System);
}
