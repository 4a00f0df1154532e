namespace BuildRunner.Relational;

/// <summary>
/// Selects the scripts that a schema needs.
/// </summary>
internal static class SchemaMigration
{
    /// <summary>
    /// Gets the scripts that a schema needs. The caller must have locked it against other migrations.
    /// </summary>
    /// <param name="current">The current version, or <see langword="null"/> if there is none.</param>
    /// <param name="scripts">All scripts, in version order.</param>
    /// <returns>The scripts to run, in order. Empty if the schema has a newer version that this program can serve.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="scripts"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">This program cannot serve the schema, or not update it.</exception>
    public static IReadOnlyList<SchemaScript> Pending(SchemaVersion? current, IReadOnlyList<SchemaScript> scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        var known = scripts[^1].Version;
        if (current is { } schema && schema.Oldest > known)
        {
            throw new InvalidOperationException(
                $"The queue's schema has version {schema.Version}, which needs programs of version {schema.Oldest} or newer; "
                + $"this one has version {known}. Update the BuildRunner packages of this program.");
        }

        if (current is { Version: var version } && version < known && scripts.All(script => script.Version != version))
        {
            throw new InvalidOperationException(
                $"The queue's schema has version {version}, which was never released and cannot be updated to version {known}. "
                + "Delete the tables whose names begin with queue_, or use another database.");
        }

        return [.. scripts.Where(script => script.Version > (current?.Version ?? 0))];
    }

    /// <summary>
    /// Gets the error for missing tables that the program may not create.
    /// </summary>
    /// <param name="database">The database that lacks them, as the start of a sentence.</param>
    /// <param name="pending">The missing scripts: one or more.</param>
    /// <param name="options">The name of the options type.</param>
    /// <param name="getScript">The name of the method that gets the script.</param>
    public static string Missing(string database, IReadOnlyList<SchemaScript> pending, string options, string getScript) =>
        $"{database} has {(pending[0].Version == 1 ? "no tables of the queue" : $"queue tables of version {pending[0].Version - 1}")}; "
        + $"this program needs version {pending[^1].Version}, and {options}.CreateSchema is false. "
        + $"Run the script from {options}.{getScript} as a user who may create tables.";
}
