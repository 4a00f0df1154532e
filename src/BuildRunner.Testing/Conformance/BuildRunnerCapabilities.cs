namespace BuildRunner.Testing;

/// <summary>Defines the optional capabilities of a runner. The harness declares them.</summary>
[Flags]
public enum BuildRunnerCapabilities
{
    /// <summary>No optional capability.</summary>
    None = 0,

    /// <summary>The runner really builds: builds run, their content decides how they end, and they can be stopped.</summary>
    RunsBuilds = 1,

    /// <summary>The runner knows whether it has ever returned an id.</summary>
    KnowsItsBuilds = 2,

    /// <summary>Builds outlive the instance: another instance on the same backend knows them.</summary>
    Durable = 4,

    /// <summary>The runner includes the caller's metadata in every snapshot.</summary>
    EchoesMetadata = 8,

    /// <summary>The runner finds a build by its trigger key, and implements <see cref="IBuildFinder"/>.</summary>
    FindsByKey = 16,

    /// <summary>Triggers with the same key create one build, even concurrently, across instances, and after a lost answer.</summary>
    IdempotentTrigger = 32,

    /// <summary>All capabilities.</summary>
    All = RunsBuilds | KnowsItsBuilds | Durable | EchoesMetadata | FindsByKey | IdempotentTrigger,
}
