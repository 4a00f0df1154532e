using System.Net.Sockets;
using System.Text;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql;

/// <summary>What a failure means: the one place where all that Npgsql throws is told apart.</summary>
internal static class PostgreSqlFailure
{
    // Beside what the driver takes to be transient.
    private const string IdleSessionTimeout = "57P05";
    private const string IdleInTransactionTimeout = "25P03";

    public static FailureKind KindOf(Exception exception) => exception switch
    {
        PostgresException server => KindOf(server),
        ReadOnlyServerException => FailureKind.ReadOnly,
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => FailureKind.TimedOut,
        NpgsqlException { IsTransient: true } or SocketException or IOException => FailureKind.Transient,

        // Half of a surrogate pair, which the driver cannot send.
        EncoderFallbackException => FailureKind.Content,
        _ => FailureKind.Permanent,
    };

    /// <summary>Gets a value indicating whether the connections that there are lead to a server that is gone, or to the wrong one.</summary>
    public static bool EndsPool(Exception exception) =>
        KindOf(exception) == FailureKind.ReadOnly || exception is NpgsqlException { InnerException: SocketException or IOException } or SocketException or IOException;

    private static FailureKind KindOf(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => FailureKind.ReadOnly,
        IdleSessionTimeout or IdleInTransactionTimeout => FailureKind.Transient,
        _ when exception.IsTransient => FailureKind.Transient,
        PostgresErrorCodes.RaiseException => FailureKind.Content,

        // Data exceptions, violated constraints, and what is more than an index can hold.
        ['2', '2' or '3', ..] or ['5', '4', ..] => FailureKind.Content,
        _ => FailureKind.Permanent,
    };
}
