namespace BuildRunner.Orchestration;

/// <summary>
/// Represents what a store knows of a build at one moment of its clock.
/// </summary>
/// <param name="Build">The build, or <see langword="null"/> if there is none.</param>
/// <param name="Now">The time of the store, in whole milliseconds. It is read with the build or after it.</param>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildReading(Build? Build, DateTimeOffset Now);
