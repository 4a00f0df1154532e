using BuildRunner.Http.Runners;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Represents what this process knows of a run.</summary>
internal sealed class KnownRun : KnownBuild
{
    /// <summary>The latest read of the run itself.</summary>
    public volatile RunReading? Reading;
}

/// <summary>Represents a read of a run, with its GraphQL state at that time.</summary>
internal sealed record RunReading(RunRow Row, SuiteRow? Seen, long ReadAt);
