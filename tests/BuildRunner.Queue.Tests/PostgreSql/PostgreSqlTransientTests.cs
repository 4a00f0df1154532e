using BuildRunner.PostgreSql;
using BuildRunner.Relational;
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
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, true)]
    [InlineData(PostgresErrorCodes.CheckViolation, false)]
    [InlineData("57P05", true)]
    public async Task What_the_server_says_is_tried_again_where_it_may_pass(string state, bool isTransient)
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere", TimeProvider.System);

        (database.KindOf(new PostgresException("no", "ERROR", "ERROR", state)) is FailureKind.Transient or FailureKind.ReadOnly).Should().Be(isTransient);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_tried_again_and_one_that_is_not_answered_in_time_is_not()
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere", TimeProvider.System);

        database.KindOf(new NpgsqlException("no", new IOException())).Should().Be(FailureKind.Transient);
        database.KindOf(new NpgsqlException("no", new System.Net.Sockets.SocketException())).Should().Be(FailureKind.Transient);
        database.KindOf(new System.Net.Sockets.SocketException()).Should().Be(FailureKind.Transient);
        database.KindOf(new EndOfStreamException()).Should().Be(FailureKind.Transient);
        database.KindOf(new NpgsqlException("no", new TimeoutException())).Should().Be(FailureKind.TimedOut);
        database.KindOf(new OperationCanceledException()).Should().Be(FailureKind.Permanent);
        database.KindOf(new InvalidOperationException()).Should().Be(FailureKind.Permanent);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, FailureKind.ReadOnly)]
    [InlineData(PostgresErrorCodes.CharacterNotInRepertoire, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.UntranslatableCharacter, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.StringDataRightTruncation, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.CheckViolation, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.RaiseException, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.ProgramLimitExceeded, FailureKind.Content)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, FailureKind.Transient)]
    [InlineData(PostgresErrorCodes.ProtocolViolation, FailureKind.Transient)]
    [InlineData(PostgresErrorCodes.InvalidPassword, FailureKind.Permanent)]
    [InlineData(PostgresErrorCodes.QueryCanceled, FailureKind.Permanent)]
    internal async Task What_the_server_says_means_something(string state, FailureKind kind)
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere", TimeProvider.System);

        database.KindOf(new PostgresException("no", "ERROR", "ERROR", state)).Should().Be(kind);
    }

    [Fact]
    public async Task What_the_driver_throws_by_itself_means_something()
    {
        await using PostgreSqlQueueDatabase database = new("Host=nowhere", TimeProvider.System);

        database.KindOf(new NpgsqlException("no", new TimeoutException())).Should().Be(FailureKind.TimedOut);
        database.KindOf(new System.Text.EncoderFallbackException()).Should().Be(FailureKind.Content);
        database.KindOf(new ReadOnlyServerException()).Should().Be(FailureKind.ReadOnly);
        database.KindOf(new OperationCanceledException()).Should().Be(FailureKind.Permanent);
    }
}
