namespace BuildRunner.Orchestration;

/// <summary>Represents why and how a runner is paused, in all processes.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record RunnerPause
{
    /// <summary>Gets a value indicating whether no builds are triggered. Builds that were triggered are polled and cancelled as
    /// usual.</summary>
    /// <remarks>The timeout of a build that was not triggered yet stands still, and so does the pending timeout of one that was. Run
    /// timeouts go on.</remarks>
    public bool Holds { get; init; }

    /// <summary>Gets a value indicating whether new builds are refused. A key that was submitted before still gets its build.</summary>
    public bool Refuses { get; init; }

    /// <summary>Gets who paused the runner: 1 to 255 characters.</summary>
    public required string By { get; init; }

    /// <summary>Gets why, or <see langword="null"/>: up to 1000 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets when the runner was paused, by the clock of the store. A pause that replaces another
    /// keeps its time. What a caller sets is ignored.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Says what the runner does.</summary>
    internal string What => Holds ? Refuses ? "holds and refuses builds" : "holds builds" : "refuses new builds";

    /// <summary>Says who paused the runner and why.</summary>
    internal string Describe() =>
        $"paused by {By} since {Since:u}{(string.IsNullOrWhiteSpace(Reason) ? "." : $": {Reason.TrimEnd('.')}.")}";
}
