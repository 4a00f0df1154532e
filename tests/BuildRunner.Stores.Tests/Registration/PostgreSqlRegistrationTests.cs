using System.Transactions;
using BuildRunner.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BuildRunner.Stores.Tests.Registration;

[Slow]
public sealed class PostgreSqlRegistrationTests : IAsyncLifetime
{
    private readonly PostgreSqlFixture _fixture = new();
    private readonly string _name = $"app-{Guid.NewGuid():N}";

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_data_source_whose_token_changes_is_used_and_left_open()
    {
        await ExecuteAsync($"CREATE ROLE \"{_name}\" LOGIN SUPERUSER PASSWORD 'token'");
        NpgsqlDataSourceBuilder builder = new(ConnectionStringOf(_name));
        builder.UsePeriodicPasswordProvider(static (_, _) => new("token"), TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        await using var dataSource = builder.Build();

        await using (var service = await Service.StartAsync(builds => builds.UsePostgreSql(dataSource)))
        {
            await service.ExerciseAsync();
        }

        await using var connection = await dataSource.OpenConnectionAsync();
        connection.State.Should().Be(System.Data.ConnectionState.Open);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_data_source_of_the_services_is_used(bool isKeyed)
    {
        await using var dataSource = NpgsqlDataSource.Create(_fixture.ConnectionString);

        await using var service = await Service.StartAsync(
            builds => _ = isKeyed ? builds.UsePostgreSql(options => options.DataSource = static provider => provider.GetRequiredKeyedService<NpgsqlDataSource>("builds")) : builds.UsePostgreSql(),
            services => _ = isKeyed ? services.AddKeyedSingleton("builds", dataSource) : services.AddSingleton(dataSource));

        await service.ExerciseAsync();
    }

    [Fact]
    public async Task A_data_source_takes_no_part_in_the_transaction_around_a_call()
    {
        // One that listens, and one that would be the transaction's until that is over.
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_fixture.ConnectionString) { MaxPoolSize = 2 });
        await using var service = await Service.StartAsync(builds => builds.UsePostgreSql(dataSource));

        using (new TransactionScope(TransactionScopeOption.Required, TimeSpan.FromMinutes(9), TransactionScopeAsyncFlowOption.Enabled))
        {
            await service.PublishAsync("a");
            await service.HandledAsync("a");
        }
    }

    [Theory]
    [InlineData(";Maximum Pool Size=1")]
    [InlineData(";Multiplexing=True")]
    public async Task A_data_source_that_cannot_work_is_refused_at_the_start(string options)
    {
        await using var dataSource = NpgsqlDataSource.Create(_fixture.ConnectionString.Replace(";Maximum Pool Size=8", "", StringComparison.Ordinal) + options);

        var start = () => Service.StartAsync(builds => builds.UsePostgreSql(dataSource));

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Two_schemas_of_a_database_have_a_queue_each_whatever_the_search_path()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(_fixture.ConnectionString) { SearchPath = "pg_catalog" }.ConnectionString;
        await using var first = await StartAsync($"{_name}-1");
        await using var second = await StartAsync($"{_name}-2");

        await first.ExerciseAsync();
        await second.ExerciseAsync();
        await using NpgsqlConnection connection = new(nowhere);
        await connection.OpenAsync();
        await second.PublishAsync(connection, "b");

        await second.HandledAsync("b");
        (await ScalarAsync($"SELECT COUNT(*) FROM pg_tables WHERE schemaname LIKE '{_name}-%' AND tablename LIKE 'queue_%'")).Should().Be(10L);

        Task<Service> StartAsync(string schema) => Service.StartAsync(builds => builds.UsePostgreSql(options => (options.ConnectionString, options.Schema) = (nowhere, schema)));
    }

    [Fact]
    public async Task A_message_of_another_process_is_heard_of_in_a_schema_of_its_own()
    {
        await using var dataSource = NpgsqlDataSource.Create(_fixture.ConnectionString);
        await using var hears = await Service.StartAsync(Use);
        await using NpgsqlConnection connection = new(_fixture.ConnectionString);
        await connection.OpenAsync();

        await hears.PublishAsync(connection, "a");

        await hears.HandledAsync("a");

        void Use(BuildOrchestrationBuilder builds) => builds.UsePostgreSql(options => (options.DataSource, options.Schema) = (_ => dataSource, _name));
    }

    [Fact]
    public async Task A_user_who_may_not_create_tables_has_them_created_by_the_script()
    {
        await ExecuteAsync($"CREATE ROLE \"{_name}\" LOGIN PASSWORD 'token'");
        var start = () => Service.StartAsync(builds => builds.UsePostgreSql(options =>
        {
            options.ConnectionString = ConnectionStringOf(_name) + ";Password=token";
            options.Schema = _name;
            options.CreateSchema = false;
        }));
        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(nameof(PostgreSqlOptions.GetSchemaScript));

        await ExecuteAsync(PostgreSqlOptions.GetSchemaScript(_name));
        await ExecuteAsync(PostgreSqlOptions.GetSchemaScript(_name));
        await ExecuteAsync($"GRANT USAGE ON SCHEMA \"{_name}\" TO \"{_name}\"; GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA \"{_name}\" TO \"{_name}\"");
        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("UPDATE on");

        await ExecuteAsync($"GRANT UPDATE ON ALL TABLES IN SCHEMA \"{_name}\" TO \"{_name}\"");
        await using var service = await start();
        await service.ExerciseAsync();
    }

    [Fact]
    public async Task The_script_leaves_the_version_of_a_newer_program()
    {
        var script = PostgreSqlOptions.GetSchemaScript(_name);
        await ExecuteAsync(script);
        await ExecuteAsync($"UPDATE \"{_name}\".queue_schema SET version = 70, oldest = 69");

        await ExecuteAsync(script);

        (await ScalarAsync($"SELECT string_agg(version || ' ' || oldest, ',') FROM \"{_name}\".queue_schema")).Should().Be("70 69");
    }

    [Fact]
    public async Task A_data_source_without_arrays_is_refused_at_the_start()
    {
        await using var dataSource = new NpgsqlSlimDataSourceBuilder(_fixture.ConnectionString).Build();

        var start = () => Service.StartAsync(builds => builds.UsePostgreSql(dataSource));

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("EnableArrays");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\"b")]
    [InlineData("a'b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_that_a_schema_cannot_have_is_refused(string schema)
    {
        FluentActions.Invoking(() => PostgreSqlOptions.GetSchemaScript(schema)).Should().Throw<ArgumentException>();
    }

    private string ConnectionStringOf(string user)
    {
        NpgsqlConnectionStringBuilder builder = new(_fixture.ConnectionString) { Username = user };
        builder.Remove("Password");
        return builder.ConnectionString;
    }

    private async Task ExecuteAsync(string sql) => await ScalarAsync(sql);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using NpgsqlConnection connection = new(_fixture.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
