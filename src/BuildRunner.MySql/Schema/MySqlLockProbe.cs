using MySqlConnector;

namespace BuildRunner.MySql.Schema;

/// <summary>Finds out whether a server skips rows that are locked, whatever it says of its version: some take <c>SKIP LOCKED</c> and do not heed it, and two consumers would be given the same messages.</summary>
/// <param name="connections">The connections.</param>
/// <param name="locking">How the row is locked that is to be skipped.</param>
internal sealed class MySqlLockProbe(MySqlConnections connections, string locking)
{
    public const string ForUpdate = " FOR UPDATE";

    // The one row that there surely is.
    private const string Row = "SELECT version FROM queue_schema";

    /// <summary>Refuses a server that gives a row to one who asks to skip it.</summary>
    /// <param name="version">What the server says of its version.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public async Task RunAsync(string version, CancellationToken cancellationToken)
    {
        var first = await connections.OpenSingleAsync(cancellationToken).ConfigureAwait(false);
        await using (first.ConfigureAwait(false))
        {
            var second = await connections.OpenSingleAsync(cancellationToken).ConfigureAwait(false);
            await using (second.ConfigureAwait(false))
            {
                var isSkipped = await IsLockedAsync(first, locking, cancellationToken).ConfigureAwait(false)
                    && !await IsLockedAsync(second, " FOR UPDATE SKIP LOCKED", cancellationToken).ConfigureAwait(false);
                if (!isSkipped)
                {
                    throw new InvalidOperationException(
                        $"The server, which says that it is '{version}', does not skip a row that another transaction has locked, so messages would be delivered "
                        + "to several consumers at once. The queue needs MariaDB 10.6 or newer, or MySQL 8.0.1 or newer.");
                }
            }
        }
    }

    // The transaction ends with the connection.
    private static async Task<bool> IsLockedAsync(MySqlConnection connection, string locking, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is one of two.
        MySqlCommand command = new($"START TRANSACTION; {Row}{locking}", connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null;
        }
    }
}
