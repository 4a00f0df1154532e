namespace BuildRunner.MySql.Schema;

/// <summary>Checks whether the version and the settings of a server suit a queue.</summary>
internal static class MySqlServer
{
    // SELECT would fail if the server did not know one of them.
    private const string Settings =
        "SHOW VARIABLES WHERE Variable_name IN ('version', 'innodb_rollback_on_timeout', 'sql_mode', 'log_bin', 'binlog_format', "
        + "'wsrep_on', 'wsrep_provider')";

    private static readonly Version OldestMariaDb = new(10, 6);
    private static readonly Version OldestMySql = new(8, 0, 1);

    /// <summary>Throws if the server cannot hold a queue, and gets its settings.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> CheckAsync(
        MySqlConnection connection, bool noBackslashEscapes, CancellationToken cancellationToken)
    {
        var settings = await ReadAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false);
        return Refuse(settings, noBackslashEscapes) is { } reason ? throw new InvalidOperationException(reason) : settings;
    }

    /// <summary>Gets the settings that matter to a queue.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken)
    {
        Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
        MySqlCommand command = new(Settings, connection, transaction);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    settings[reader.GetString(0)] = reader.GetString(1);
                }
            }
        }

        return settings;
    }

    /// <summary>Gets the reason why a server cannot hold a queue, or <see langword="null"/> if its settings show none.</summary>
    public static string? Refuse(IReadOnlyDictionary<string, string> settings, bool noBackslashEscapes)
    {
        var version = settings.GetValueOrDefault("version", "");
        var (name, oldest) = IsTried(version) ? ("MariaDB", OldestMariaDb) : ("MySQL", OldestMySql);
        var end = version.IndexOfAny(['-', '+', ' ']);
        if (Version.TryParse(end < 0 ? version : version[..end], out var known) && known < oldest)
        {
            return $"The server is {name} {version}, which cannot skip locked rows; the queue needs {name} {oldest} or newer.";
        }

        if (IsOn(settings, "innodb_rollback_on_timeout"))
        {
            return "The server has innodb_rollback_on_timeout=ON, so a lock timeout would roll back the queue's whole transaction; "
                + "start the server with OFF, the default.";
        }

        if (IsOn(settings, "log_bin")
            && string.Equals(settings.GetValueOrDefault("binlog_format"), "STATEMENT", StringComparison.OrdinalIgnoreCase))
        {
            return "The server has binlog_format=STATEMENT, with which it refuses to write in READ COMMITTED; set it to ROW or MIXED.";
        }

        var modes = settings.GetValueOrDefault("sql_mode", "").Split(',');
        var isMode = modes.Contains("NO_BACKSLASH_ESCAPES", StringComparer.OrdinalIgnoreCase);
        return isMode == noBackslashEscapes
            ? null
            : $"The server's sql_mode {(isMode ? "has" : "does not have")} NO_BACKSLASH_ESCAPES, unlike the connection string, which would "
                + $"change texts; set 'No Backslash Escapes={isMode}' in the connection string, or change the sql_mode.";
    }

    /// <summary>Gets a value indicating whether the package is tested against such servers.</summary>
    public static bool IsTried(string version) => version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    private static bool IsOn(IReadOnlyDictionary<string, string> settings, string name) => settings.GetValueOrDefault(name) is "ON" or "1";
}
