namespace BuildRunner.Relational;

/// <summary>
/// Represents when the partitions of a topic are ready next, those that others have locked included.
/// </summary>
/// <param name="Ordinary">When the first is ready that is not quarantined, or <see langword="null"/> where there is none.</param>
/// <param name="Quarantined">When the first is ready that is quarantined, or <see langword="null"/> where there is none.</param>
internal readonly record struct NextDue(long? Ordinary, long? Quarantined);
