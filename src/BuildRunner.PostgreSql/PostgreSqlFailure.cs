using System.Net.Sockets;
using System.Text;

namespace BuildRunner.PostgreSql;

/// <summary>Classifies what Npgsql throws. Nothing else does.</summary>
internal static class PostgreSqlFailure
{
    // The driver does not treat these as transient.
    private const string IdleSessionTimeout = "57P05";
    private const string IdleInTransactionTimeout = "25P03";

    public static FailureKind KindOf(Exception exception) => exception switch
    {
        PostgresException server => KindOf(server),
        ReadOnlyServerException => FailureKind.ReadOnly,
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => FailureKind.TimedOut,
        NpgsqlException { IsTransient: true } or SocketException or IOException => FailureKind.Transient,

        // Ill-formed UTF-16, which the driver cannot send.
        EncoderFallbackException => FailureKind.Content,
        _ => FailureKind.Permanent,
    };

    /// <summary>Gets a value indicating whether pooled connections lead to a server that is gone or read-only.</summary>
    public static bool EndsPool(Exception exception) =>
        KindOf(exception) == FailureKind.ReadOnly
        || exception is NpgsqlException { InnerException: SocketException or IOException } or SocketException or IOException;

    private static FailureKind KindOf(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => FailureKind.ReadOnly,
        IdleSessionTimeout or IdleInTransactionTimeout => FailureKind.Transient,

        // What PgBouncer reports by itself: no server, none free in time, or one that was lost.
        PostgresErrorCodes.ProtocolViolation => FailureKind.Transient,

        // A row was not where it was read.
        PostgresErrorCodes.CardinalityViolation => FailureKind.Transient,
        _ when exception.IsTransient => FailureKind.Transient,
        PostgresErrorCodes.RaiseException => FailureKind.Content,

        // Data exceptions, violated constraints, and values too large for an index.
        ['2', '2' or '3', ..] or ['5', '4', ..] => FailureKind.Content,
        _ => FailureKind.Permanent,
    };
}
