using System.IO.Enumeration;
using System.Runtime.Versioning;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Represents the queue of a state directory: one entry per build with work to do.</summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildQueue(StateLayout layout)
{
    /// <summary>Gets the ids of the queued builds, the oldest first.</summary>
    public IReadOnlyList<string> Ids() =>
    [
        .. new FileSystemEnumerable<string>(layout.Pending, static (ref entry) => entry.FileName.ToString())
            .Where(BuildIds.IsId)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Claims a build.</summary>
    /// <returns>The claim, or <see langword="null"/> if the build is claimed already or not queued.</returns>
    public FileLock? TryClaim(string id) => FileLock.TryTake(layout.PendingOf(id));

    /// <summary>Queues an unfinished build whose entry is missing, as after a power loss during its removal.</summary>
    public void Requeue(string id)
    {
        // In this order: the entry is deleted after the result was written or the record deleted.
        if (!File.Exists(layout.PendingOf(id)) && !File.Exists(layout.ResultOf(id)) && File.Exists(layout.RecordOf(id)))
        {
            Posix.TryLink(layout.RecordOf(id), layout.PendingOf(id));
        }
    }
}
