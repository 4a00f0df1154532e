using BuildRunner.MySql;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.MySql;

/// <summary>Rule Q12: what is tried again at once.</summary>
[Slow]
public sealed class MySqlTransientTests : IAsyncLifetime
{
    private readonly MariaDbFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(MySqlErrorCode.LockDeadlock, true)]
    [InlineData(MySqlErrorCode.LockWaitTimeout, true)]
    [InlineData(MySqlErrorCode.ConnectionCountError, true)]
    [InlineData(MySqlErrorCode.ServerShutdown, true)]
    [InlineData((MySqlErrorCode)1927, true)]
    [InlineData((MySqlErrorCode)4031, true)]
    [InlineData((MySqlErrorCode)1047, true)]
    [InlineData((MySqlErrorCode)1290, true)]
    [InlineData((MySqlErrorCode)1792, true)]
    [InlineData((MySqlErrorCode)1836, true)]
    [InlineData((MySqlErrorCode)4025, false)]
    [InlineData(MySqlErrorCode.DuplicateKeyEntry, false)]
    [InlineData(MySqlErrorCode.NoSuchTable, false)]
    [InlineData(MySqlErrorCode.AccessDenied, false)]
    [InlineData(MySqlErrorCode.QueryInterrupted, false)]
    public async Task What_the_server_says_is_tried_again_where_it_may_pass(MySqlErrorCode code, bool isTransient)
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);
        var signal = () => _fixture.ExecuteAsync(FormattableString.Invariant($"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {(int)code}, MESSAGE_TEXT = 'no'"));

        var thrown = (await signal.Should().ThrowAsync<MySqlException>()).Which;

        (database.KindOf(thrown) is FailureKind.Transient or FailureKind.ReadOnly).Should().Be(isTransient);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_tried_again()
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);
        await using var connection = (MySqlConnection)await _fixture.ConnectAsync();
        await _fixture.CutConnectionsAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1";
        var read = () => command.ExecuteScalarAsync();

        var thrown = (await read.Should().ThrowAsync<MySqlException>()).Which;

        database.KindOf(thrown).Should().Be(FailureKind.Transient);
        database.KindOf(new OperationCanceledException()).Should().Be(FailureKind.Permanent);
        database.KindOf(new InvalidOperationException()).Should().Be(FailureKind.Permanent);
    }

    [Theory]
    [InlineData(false, FailureKind.TimedOut)]
    [InlineData(true, FailureKind.Transient)]
    internal async Task A_connect_that_takes_too_long_is_not_tried_again_at_once_and_one_that_is_refused_is(bool isRefused, FailureKind kind)
    {
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        if (isRefused)
        {
            silent.Stop();
        }

        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);
        await using MySqlConnection connection = new($"Server=127.0.0.1;Port={port};User ID=nobody;Connection Timeout=1;Pooling=false");
        var open = () => connection.OpenAsync();

        var thrown = (await open.Should().ThrowAsync<MySqlException>()).Which;

        database.KindOf(thrown).Should().Be(kind);
    }

    [Fact]
    public async Task A_pool_whose_connections_are_all_in_use_is_not_tried_again_at_once()
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);
        var full = _fixture.ConnectionString + ";Maximum Pool Size=1;Connection Timeout=1";
        await using MySqlConnection first = new(full);
        await first.OpenAsync();
        await using MySqlConnection second = new(full);
        var open = () => second.OpenAsync();

        var thrown = (await open.Should().ThrowAsync<MySqlException>()).Which;

        database.KindOf(thrown).Should().Be(FailureKind.TimedOut);
    }

    [Theory]
    [InlineData((MySqlErrorCode)1290, FailureKind.ReadOnly)]
    [InlineData((MySqlErrorCode)1792, FailureKind.ReadOnly)]
    [InlineData((MySqlErrorCode)1836, FailureKind.ReadOnly)]
    [InlineData((MySqlErrorCode)1366, FailureKind.Content)]
    [InlineData((MySqlErrorCode)4025, FailureKind.Content)]
    [InlineData((MySqlErrorCode)1644, FailureKind.Content)]
    [InlineData(MySqlErrorCode.DataTooLong, FailureKind.Content)]
    [InlineData(MySqlErrorCode.LockDeadlock, FailureKind.Transient)]
    [InlineData(MySqlErrorCode.AccessDenied, FailureKind.Permanent)]
    internal async Task What_the_server_says_means_something(MySqlErrorCode code, FailureKind kind)
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);
        var signal = () => _fixture.ExecuteAsync(FormattableString.Invariant($"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {(int)code}, MESSAGE_TEXT = 'no'"));

        var thrown = (await signal.Should().ThrowAsync<MySqlException>()).Which;

        database.KindOf(thrown).Should().Be(kind);
    }

    [Fact]
    public async Task What_the_driver_lets_through_of_a_broken_connection_is_tried_again()
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System);

        database.KindOf(new System.Net.Sockets.SocketException()).Should().Be(FailureKind.Transient);
        database.KindOf(new EndOfStreamException()).Should().Be(FailureKind.Transient);
        database.KindOf(new IOException()).Should().Be(FailureKind.Transient);
        database.KindOf(new TimeoutException()).Should().Be(FailureKind.TimedOut);
        database.KindOf(new ReadOnlyServerException()).Should().Be(FailureKind.ReadOnly);
    }
}
