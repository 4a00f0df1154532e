using System.Runtime.CompilerServices;

namespace BuildRunner.GitHubActions.Api;

/// <summary>What this process knows of a run. Times are time stamps.</summary>
internal sealed class KnownRun
{
    /// <summary>When the run was created, if this process has.</summary>
    public volatile StrongBox<long>? CreatedAt;

    /// <summary>When its cancel was first accepted.</summary>
    public volatile StrongBox<long>? CancelledAt;

    /// <summary>The latest reading of the run alone.</summary>
    public volatile RunReading? Reading;

    private BuildSnapshot? _final;

    public BuildSnapshot? Final => Volatile.Read(ref _final);

    /// <summary>Keeps how the run has ended. The first stays.</summary>
    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
}

/// <summary>A run, what the list said of it when it was read, and when that was.</summary>
internal sealed record RunReading(RunRow Row, SuiteRow? Seen, long ReadAt);
