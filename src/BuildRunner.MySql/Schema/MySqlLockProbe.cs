using MySqlConnector;

namespace BuildRunner.MySql.Schema;

/// <summary>Tests whether a server skips locked rows. Some accept <c>SKIP LOCKED</c> and ignore it, and would give two consumers the same
/// messages.</summary>
/// <param name="connections">The connections.</param>
/// <param name="locking">The lock of the row to skip.</param>
internal sealed class MySqlLockProbe(MySqlConnections connections, string locking)
{
    public const string ForUpdate = " FOR UPDATE";

    // A row that always exists.
    private const string Row = "SELECT version FROM queue_schema";

    /// <summary>Throws if the server returns a locked row.</summary>
    /// <param name="version">The version that the server reports.</param>
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
                        $"The server with the version '{version}' does not skip locked rows, so several consumers would get the same "
                        + "message at once. The queue needs MariaDB 10.6 or newer, or MySQL 8.0.1 or newer.");
                }
            }
        }
    }

    // The transaction ends with the connection.
    private static async Task<bool> IsLockedAsync(MySqlConnection connection, string locking, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is a constant or set by a test.
        MySqlCommand command = new($"START TRANSACTION; {Row}{locking}", connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null;
        }
    }
}
