using System.Runtime.CompilerServices;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Represents what this process knows of a run. Times are time stamps.</summary>
internal sealed class KnownRun
{
    /// <summary>When this process created the run, if it did.</summary>
    public volatile StrongBox<long>? CreatedAt;

    /// <summary>When the first cancel was accepted.</summary>
    public volatile StrongBox<long>? CancelledAt;

    /// <summary>The latest read of the run itself.</summary>
    public volatile RunReading? Reading;

    private BuildSnapshot? _final;

    public BuildSnapshot? Final => Volatile.Read(ref _final);

    /// <summary>Sets the final snapshot, unless it is set already, and returns it.</summary>
    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
}

/// <summary>Represents a read of a run, with its GraphQL state at that time.</summary>
internal sealed record RunReading(RunRow Row, SuiteRow? Seen, long ReadAt);
