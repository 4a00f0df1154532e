using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>An empty queue of an engine that is in a database, which a caller's transaction and another process can use too.</summary>
public abstract class SqlFixture : EngineFixture
{
    /// <summary>Opens a connection as a program would that has tables of its own in the database.</summary>
    public abstract Task<DbConnection> ConnectAsync();

    /// <summary>Gets a value indicating whether those who wait are told of what other processes and other transactions publish.</summary>
    public virtual bool HearsOthers => true;

    /// <summary>Opens the database alone.</summary>
    /// <param name="options">What is added to the connection string.</param>
    internal abstract IBuildDatabase OpenDatabase(string options = "");

    /// <summary>Opens the queue as a process would that has not migrated it yet.</summary>
    internal RelationalQueueEngine OpenUnstarted() => new(OpenDatabase(), TimeProvider.System);

    internal override async Task<IQueueEngine> OpenAsync()
    {
        var engine = OpenUnstarted();
        await engine.StartAsync(CancellationToken.None);
        return engine;
    }

    public override Task AdvanceAsync(TimeSpan by) => ExecuteAsync(FormattableString.Invariant($"UPDATE queue_clock SET microseconds = microseconds + ({by.Ticks / TimeSpan.TicksPerMicrosecond})"));

    public override async Task<(long Partitions, long Messages)> SizeAsync() => (await CountAsync("SELECT COUNT(*) FROM queue_partitions"), await CountAsync("SELECT COUNT(*) FROM queue_messages"));

    /// <summary>Has the database refuse what is stored.</summary>
    public abstract Task RefuseWritesAsync();

    /// <summary>Has the database refuse each message that does not fulfil a condition.</summary>
    public Task RefuseMessagesUnlessAsync(string condition) => RefuseRowsUnlessAsync("queue_messages", condition);

    /// <summary>Has the database refuse each row of a table that does not fulfil a condition.</summary>
    public virtual Task RefuseRowsUnlessAsync(string table, string condition) => ExecuteAsync($"ALTER TABLE {table} ADD CONSTRAINT refused CHECK ({condition})");

    /// <summary>Has the database take all messages again.</summary>
    public virtual Task TakeMessagesAsync() => ExecuteAsync("ALTER TABLE queue_messages DROP CONSTRAINT refused");

    /// <summary>Has the database take what is stored again.</summary>
    public virtual Task TakeWritesAsync() => ExecuteAsync("DROP TRIGGER refuse_writes");

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Makes the table that is the clock of the tests.</summary>
    protected Task CreateClockAsync() => ExecuteAsync(FormattableString.Invariant(
        $"CREATE TABLE queue_clock (microseconds BIGINT NOT NULL); INSERT INTO queue_clock (microseconds) VALUES ({Start.ToUnixTimeMilliseconds() * 1000});"));
}
