using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

[Slow]
public sealed class PostgreSqlDatabaseTests : IAsyncLifetime
{
    private readonly PostgreSqlFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("Database=shop")]
    [InlineData("Host=db;Maximum Pool Size=1")]
    [InlineData("Host=db;Multiplexing=True")]
    public void A_connection_string_that_cannot_work_is_found_at_the_start(string connectionString)
    {
        ServiceCollection services = new();
        services.AddQueue().UsePostgreSql(connectionString);
        using var provider = services.BuildServiceProvider();

        var validate = () => provider.GetRequiredService<IStartupValidator>().Validate();

        validate.Should().Throw<OptionsValidationException>();
    }

    [Fact]
    public async Task A_user_who_may_not_create_tables_can_start_where_they_are_there()
    {
        var user = $"user_{Guid.NewGuid():N}";
        await using (await _fixture.OpenAsync())
        {
            await _fixture.ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD 'secret'; DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {user}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO {user}', current_schema()); END $$");
        }

        NpgsqlConnectionStringBuilder builder = new(_fixture.ConnectionString) { Username = user, Password = "secret" };
        await using RelationalQueueEngine engine = new(new PostgreSqlQueueDatabase(builder.ConnectionString, TimeProvider.System), TimeProvider.System);

        (await new Consumer(engine).PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    [Theory]
    [InlineData("queue_partitions")]
    [InlineData("queue_messages")]
    public async Task A_row_that_is_not_where_it_was_fails_the_round_until_it_is(string table)
    {
        await using var engine = await _fixture.OpenAsync();
        Consumer consumer = new(engine);
        await consumer.PublishAsync("a");
        var claim = await consumer.ClaimOneAsync();

        // The statement finds no row to write.
        await _fixture.ExecuteAsync(
            $"CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; CREATE TRIGGER skip BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION skip()");
        var retry = () => consumer.RetryAsync(claim);

        await retry.Should().ThrowAsync<PostgresException>();

        await _fixture.ExecuteAsync($"DROP TRIGGER skip ON {table}");
        (await retry()).Should().Be(LeaseResult.Applied);
        (await consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(2);
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData(";Maximum Pool Size=7", 7)]
    [InlineData(";Minimum Pool Size=30", 30)]
    public async Task There_are_twenty_connections_at_most_unless_the_connection_string_says_how_many(string options, int expected)
    {
        NpgsqlConnectionStringBuilder bare = new(_fixture.ConnectionString);
        bare.Remove("Maximum Pool Size");
        await using PostgreSqlConnections connections = new(bare.ConnectionString + options);

        connections.MaxPoolSize.Should().Be(expected);
    }

    [Theory]
    [InlineData("SQL_ASCII")]
    [InlineData("LATIN1")]
    public async Task A_database_that_cannot_store_every_text_is_refused_at_the_start(string encoding)
    {
        var name = $"queue_{Guid.NewGuid():N}";
        await _fixture.ExecuteAsync($"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0");
        NpgsqlConnectionStringBuilder builder = new(_fixture.ConnectionString) { Database = name, SearchPath = null };
        await using PostgreSqlQueueDatabase database = new(builder.ConnectionString, TimeProvider.System);

        var start = () => database.MigrateAsync(CancellationToken.None);

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(encoding);
    }
}
