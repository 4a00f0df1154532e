using System.Transactions;
using BuildRunner.MySql;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;

namespace BuildRunner.Stores.Tests.Registration;

[Slow]
public sealed class MariaDbRegistrationTests : IAsyncLifetime
{
    private readonly MariaDbFixture _fixture = new();
    private readonly string _user = $"app-{Guid.NewGuid():N}";

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_data_source_whose_token_changes_is_used_and_left_open()
    {
        await ExecuteAsync($"CREATE USER '{_user}'@'127.0.0.1' IDENTIFIED BY 'token'; GRANT ALL ON {Database}.* TO '{_user}'@'127.0.0.1'");
        MySqlDataSourceBuilder builder = new(ConnectionStringOf(_user));
        builder.UsePeriodicPasswordProvider(static (_, _) => new("token"), TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        await using var dataSource = builder.Build();

        await using (var service = await Service.StartAsync(builds => builds.UseMySql(dataSource)))
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
        await using MySqlDataSource dataSource = new(_fixture.ConnectionString);

        await using var service = await Service.StartAsync(
            builds => _ = isKeyed ? builds.UseMySql(options => options.DataSource = static provider => provider.GetRequiredKeyedService<MySqlDataSource>("builds")) : builds.UseMySql(),
            services => _ = isKeyed ? services.AddKeyedSingleton("builds", dataSource) : services.AddSingleton(dataSource));

        await service.ExerciseAsync();
    }

    [Fact]
    public async Task A_data_source_takes_no_part_in_the_transaction_around_a_call_and_counts_rows_as_the_queue_needs_it()
    {
        await using MySqlDataSource dataSource = new(_fixture.ConnectionString + ";Use Affected Rows=False;Auto Enlist=True");
        await using var service = await Service.StartAsync(builds => builds.UseMySql(dataSource));

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await service.PublishAsync("a");
        }

        await service.HandledAsync("a");
        await service.SubmitTwiceAsync();
    }

    [Fact]
    public async Task A_data_source_without_a_database_is_refused_at_the_start()
    {
        await using MySqlDataSource dataSource = new(new MySqlConnectionStringBuilder(_fixture.ConnectionString) { Database = "" }.ConnectionString);

        var start = () => Service.StartAsync(builds => builds.UseMySql(dataSource));

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_user_who_may_not_create_tables_has_them_created_by_the_script()
    {
        await ExecuteAsync($"CREATE USER '{_user}'@'127.0.0.1' IDENTIFIED BY 'token'; GRANT SELECT, INSERT, DELETE ON {Database}.* TO '{_user}'@'127.0.0.1'");
        var start = () => Service.StartAsync(builds => builds.UseMySql(options =>
        {
            options.ConnectionString = ConnectionStringOf(_user) + ";Password=token";
            options.CreateSchema = false;
        }));
        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain(nameof(MySqlOptions.GetMariaDbSchemaScript));

        await ExecuteAsync(MySqlOptions.GetMariaDbSchemaScript());
        await ExecuteAsync(MySqlOptions.GetMariaDbSchemaScript());
        (await start.Should().ThrowAsync<MySqlException>()).Which.Message.Should().Contain("UPDATE command denied");

        await ExecuteAsync($"GRANT UPDATE ON {Database}.* TO '{_user}'@'127.0.0.1'");
        await using var service = await start();
        await service.ExerciseAsync();
    }

    [Fact]
    public async Task The_script_leaves_the_version_of_a_newer_program()
    {
        await ExecuteAsync(MySqlOptions.GetMariaDbSchemaScript());
        await ExecuteAsync("UPDATE queue_schema SET version = 70, oldest = 69");

        await ExecuteAsync(MySqlOptions.GetMariaDbSchemaScript());

        (await _fixture.CountAsync("SELECT SUM(100 * version + oldest) FROM queue_schema")).Should().Be(7069);
    }

    [Fact]
    public void The_script_names_the_collation_of_the_server()
    {
        MySqlOptions.GetMariaDbSchemaScript().Should().Contain("utf8mb4_nopad_bin").And.NotContain("{collation}");
        MySqlOptions.GetMySqlSchemaScript().Should().Contain("utf8mb4_0900_bin").And.NotContain("{collation}");
    }

    private string Database => new MySqlConnectionStringBuilder(_fixture.ConnectionString).Database;

    private string ConnectionStringOf(string user)
    {
        MySqlConnectionStringBuilder builder = new(_fixture.ConnectionString) { UserID = user };
        builder.Remove("Password");
        return builder.ConnectionString;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using MySqlConnection connection = new(_fixture.ConnectionString);
        await connection.OpenAsync();
        await using MySqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
