namespace BuildRunner.Testing;

/// <summary>
/// Defines what a runner can do beyond what every runner does. Declared by who runs the kit.
/// </summary>
[Flags]
public enum BuildRunnerCapabilities
{
    /// <summary>Nothing beyond what every runner does.</summary>
    None = 0,

    /// <summary>It really builds: builds run, end by what is in them, and can be stopped.</summary>
    RunsBuilds = 1,

    /// <summary>It tells an id that it has never given from one that it has.</summary>
    KnowsItsBuilds = 2,

    /// <summary>Its builds outlive the instance: another one on the same backend knows them.</summary>
    Durable = 4,

    /// <summary>It gives the caller's metadata back in every snapshot.</summary>
    EchoesMetadata = 8,

    /// <summary>It finds a build by the key of its trigger, and implements <see cref="IBuildFinder"/>.</summary>
    FindsByKey = 16,

    /// <summary>A trigger with a key creates one build, also concurrently, across instances, and after a lost answer.</summary>
    IdempotentTrigger = 32,

    /// <summary>All of them.</summary>
    All = RunsBuilds | KnowsItsBuilds | Durable | EchoesMetadata | FindsByKey | IdempotentTrigger,
}
