namespace BuildRunner.MySql.Schema;

/// <summary>Tests whether a server skips locked rows. Some accept <c>SKIP LOCKED</c> and ignore it, and would give two consumers the same
/// messages.</summary>
internal sealed class MySqlLockProbe(MySqlConnections connections, string locking)
{
    public const string ForUpdate = " FOR UPDATE";

    /// <summary>Throws if the server, with the version that it reports, returns a locked row.</summary>
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

    // The row always exists. The transaction ends with the connection.
    private static async Task<bool> IsLockedAsync(MySqlConnection connection, string locking, CancellationToken cancellationToken)
    {
        var sql = $"START TRANSACTION; SELECT version FROM queue_schema{locking}";
        return await SchemaMigration.ScalarAsync(connection, null, sql, cancellationToken).ConfigureAwait(false) is not null;
    }
}
