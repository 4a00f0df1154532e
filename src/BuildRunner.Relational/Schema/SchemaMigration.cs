namespace BuildRunner.Relational;

/// <summary>
/// Provides which scripts a schema needs.
/// </summary>
internal static class SchemaMigration
{
    /// <summary>
    /// Gets the scripts that a schema needs, for a caller that has locked it against other migrations.
    /// </summary>
    /// <param name="current">The version that there is, or <see langword="null"/> where there is none.</param>
    /// <param name="scripts">All scripts, in the order of their versions.</param>
    /// <returns>The scripts to run, in their order. None where the schema is of a newer version that can be served as it is.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="scripts"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The schema is of a version that these scripts' program cannot serve.</exception>
    public static IReadOnlyList<SchemaScript> Pending(SchemaVersion? current, IReadOnlyList<SchemaScript> scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        var known = scripts[^1].Version;
        if (current is { } schema && schema.Oldest > known)
        {
            throw new InvalidOperationException(
                $"The queue's schema has version {schema.Version}, which programs of version {schema.Oldest} or newer can serve; this one has version {known}. Update the BuildRunner packages of this program.");
        }

        return [.. scripts.Where(script => script.Version > (current?.Version ?? 0))];
    }

    /// <summary>
    /// Gets what is said where tables are missing that a program may not create.
    /// </summary>
    /// <param name="database">What does not have them, at the beginning of a sentence.</param>
    /// <param name="pending">The scripts that were not run, at least one.</param>
    /// <param name="options">The name of the type of the options.</param>
    /// <param name="getScript">The name of the method that gets the script.</param>
    public static string Missing(string database, IReadOnlyList<SchemaScript> pending, string options, string getScript) =>
        $"{database} {(pending[0].Version == 1 ? "has no tables of the queue" : $"has the tables of the queue in version {pending[0].Version - 1}")}; "
        + $"this program needs version {pending[^1].Version}, and {options}.CreateSchema is false. "
        + $"Run the script that {options}.{getScript} gives, as a user who may create tables.";
}
