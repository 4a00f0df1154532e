using System.Globalization;
using MySqlConnector;

namespace BuildRunner.MySql.Schema;

/// <summary>What a server must be and how it must be set so that it can have a queue.</summary>
internal static class MySqlServer
{
    private static readonly Version OldestMariaDb = new(10, 6);
    private static readonly Version OldestMySql = new(8, 0, 1);

    /// <summary>Refuses a server that cannot have a queue.</summary>
    public static async Task CheckAsync(MySqlConnection connection, bool noBackslashEscapes, CancellationToken cancellationToken)
    {
        MySqlCommand command = new("SELECT VERSION(), @@innodb_rollback_on_timeout, @@sql_mode", connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    && Refuse(reader.GetString(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture) != 0, reader.GetString(2), noBackslashEscapes) is { } reason)
                {
                    throw new InvalidOperationException(reason);
                }
            }
        }
    }

    /// <summary>Gets why a server cannot have a queue, or <see langword="null"/> where it can.</summary>
    public static string? Refuse(string version, bool rollsBackOnTimeout, string mode, bool noBackslashEscapes)
    {
        var (name, oldest) = version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? ("MariaDB", OldestMariaDb) : ("MySQL", OldestMySql);
        if (Parse(version) is { } known && known < oldest)
        {
            return $"The server is {name} {version}, which cannot skip locked rows; the queue needs {name} {oldest} or newer.";
        }

        if (rollsBackOnTimeout)
        {
            return "The server is set to innodb_rollback_on_timeout=ON, so a lock that is waited for in vain would undo what the queue has done before it; start the server with OFF, the default.";
        }

        var isMode = mode.Split(',').Contains("NO_BACKSLASH_ESCAPES", StringComparer.OrdinalIgnoreCase);
        return isMode == noBackslashEscapes
            ? null
            : $"The server's sql_mode {(isMode ? "has" : "does not have")} NO_BACKSLASH_ESCAPES, and the connection string says the opposite, so texts would be read as others than were written; set 'No Backslash Escapes={isMode}' in it, or change the sql_mode.";
    }

    private static Version? Parse(string version)
    {
        var end = version.IndexOfAny(['-', '+', ' ']);
        return Version.TryParse(end < 0 ? version : version[..end], out var parsed) ? parsed : null;
    }
}
