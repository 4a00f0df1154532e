using BuildRunner.PostgreSql;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>Rule Q12: what is tried again at once.</summary>
public sealed class PostgreSqlTransientTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.DeadlockDetected, true)]
    [InlineData(PostgresErrorCodes.SerializationFailure, true)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, true)]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CrashShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.TooManyConnections, true)]
    [InlineData(PostgresErrorCodes.UniqueViolation, false)]
    [InlineData(PostgresErrorCodes.UndefinedTable, false)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, false)]
    [InlineData(PostgresErrorCodes.InvalidPassword, false)]
    [InlineData(PostgresErrorCodes.QueryCanceled, false)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, false)]
    public async Task What_the_server_says_is_tried_again_where_it_may_pass(string state, bool isTransient)
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere");

        database.IsTransient(new PostgresException("no", "ERROR", "ERROR", state)).Should().Be(isTransient);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_tried_again_and_one_that_is_not_answered_in_time_is_not()
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere");

        database.IsTransient(new NpgsqlException("no", new IOException())).Should().BeTrue();
        database.IsTransient(new NpgsqlException("no", new System.Net.Sockets.SocketException())).Should().BeTrue();
        database.IsTransient(new NpgsqlException("no", new TimeoutException())).Should().BeFalse();
        database.IsTransient(new OperationCanceledException()).Should().BeFalse();
        database.IsTransient(new InvalidOperationException()).Should().BeFalse();
    }
}
