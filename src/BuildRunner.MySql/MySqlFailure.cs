using System.Net.Sockets;
using System.Text;
using BuildRunner.MySql.Galera;

namespace BuildRunner.MySql;

/// <summary>Classifies what MySqlConnector throws. Nothing else does.</summary>
internal static class MySqlFailure
{
    // The first statement of each transaction of this package causes it on a read-only server, or if another node is written to.
    public const int MoreThanOneRow = 1242;
    private const int TooManyUserConnections = 1203;

    // A node of a cluster that has lost the others, or does not have all data yet.
    private const int NodeNotReady = 1047;
    private const int ServerShutdown = 1053;
    private const int OptionPreventsStatement = 1290;
    private const int InvalidCharacters = 1300;
    private const int WrongValue = 1366;
    private const int RaisedBySignal = 1644;
    private const int ReadOnlyTransaction = 1792;
    private const int ReadOnlyMode = 1836;
    private const int InnoDbReadOnly = 1874;
    private const int ConnectionKilled = 1927;
    private const int RolledBackByPlugin = 3101;
    private const int CheckViolatedMySql = 3819;
    private const int CheckViolatedMariaDb = 4025;
    private const int DisconnectedForInactivity = 4031;

    public static FailureKind KindOf(Exception exception) => exception switch
    {
        MySqlException server => KindOf(server),
        ReadOnlyServerException or OtherWriterException => FailureKind.ReadOnly,

        // The driver does not wrap every exception of a broken connection.
        SocketException or IOException => FailureKind.Transient,
        TimeoutException => FailureKind.TimedOut,

        // Ill-formed UTF-16, which the driver cannot send.
        EncoderFallbackException => FailureKind.Content,
        _ => FailureKind.Permanent,
    };

    /// <summary>Gets a value indicating whether pooled connections lead to a server that is gone or read-only.</summary>
    public static bool EndsPool(Exception exception) => KindOf(exception) == FailureKind.ReadOnly || exception
        is MySqlException { InnerException: SocketException or IOException }
        or MySqlException { Number: ServerShutdown or ConnectionKilled or DisconnectedForInactivity or NodeNotReady }
        or SocketException or IOException;

    private static FailureKind KindOf(MySqlException exception) => exception.Number switch
    {
        MoreThanOneRow or OptionPreventsStatement or ReadOnlyTransaction or ReadOnlyMode or InnoDbReadOnly => FailureKind.ReadOnly,
        ServerShutdown or ConnectionKilled or DisconnectedForInactivity or TooManyUserConnections or NodeNotReady or RolledBackByPlugin =>
            FailureKind.Transient,
        InvalidCharacters or WrongValue or RaisedBySignal or CheckViolatedMySql or CheckViolatedMariaDb => FailureKind.Content,
        (int)MySqlErrorCode.DataTooLong or (int)MySqlErrorCode.DataOutOfRange => FailureKind.Content,
        (int)MySqlErrorCode.PacketTooLarge or (int)MySqlErrorCode.DuplicateKeyEntry => FailureKind.Content,
        (int)MySqlErrorCode.CommandTimeoutExpired => FailureKind.TimedOut,

        // No server answered in time, or no connection of the pool became free. Only the text differs from a refused connection.
        (int)MySqlErrorCode.UnableToConnectToHost
            when exception.Message.StartsWith("Connect Timeout expired", StringComparison.Ordinal) => FailureKind.TimedOut,
        _ when exception.IsTransient || exception.InnerException is SocketException or IOException => FailureKind.Transient,
        _ => FailureKind.Permanent,
    };
}
