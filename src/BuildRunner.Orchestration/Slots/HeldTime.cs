namespace BuildRunner.Orchestration;

/// <summary>Gets the time that does not count, because the runner was held.</summary>
internal static class HeldTime
{
    /// <summary>Gets the control of the build's runner as it was read with the build, or null if it was not read.</summary>
    public static RunnerControl? Control(this BuildReading reading) =>
        reading.Build is { } build && reading.Documents.TryGetValue(DocumentNames.OfRunner(build.Runner), out var document)
            ? RunnerControl.Read(document)
            : null;

    /// <summary>Gets for how long the runner was held since the build was submitted or last marked, or null if that was not read.</summary>
    public static TimeSpan? Held(this BuildReading reading) => reading.Control() is { } control
        ? TimeSpan.FromTicks(Math.Max(0, (control.HeldAt(reading.Now) - reading.Build!.Bookkeeping.HeldBefore).Ticks))
        : null;
}
