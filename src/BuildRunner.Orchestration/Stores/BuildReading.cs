using System.Collections.ObjectModel;

namespace BuildRunner.Orchestration;

/// <summary>Represents what a store knows of a build at one time of its clock.</summary>
internal sealed record BuildReading
{
    public Build? Build { get; init; }

    /// <summary>The time of the store, in whole milliseconds. It is read with the build or after it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The documents that were read with the build, by name; null if there is none of the name. No store sets it.</summary>
    public IReadOnlyDictionary<string, BuildDocument?> Documents { get; init; } = ReadOnlyDictionary<string, BuildDocument?>.Empty;

    /// <summary>What messages carry that are published about the build. No store sets it.</summary>
    public BuildMessages Messages { get; init; }

    /// <summary>When this process had the reading, as a time stamp. No store sets it.</summary>
    public long ReadAt { get; init; }

    /// <summary>How long the reading took: <see cref="Now"/> may be that much too early. No store sets it.</summary>
    public TimeSpan Took { get; init; }
}
