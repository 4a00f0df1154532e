using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Keeps what builds have left in their work trees from filling the disk, without which no build could be accepted that would clean them.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class DiskRoom(StateLayout layout, ILogger logger)
{
    // What the runner itself may need until a work tree is cleaned by the next build. On a small disk less, so that it is ever enough.
    private const ulong MinBytes = 64 * 1024 * 1024;
    private const ulong MinFiles = 10_000;
    private const ulong MinPart = 10;

    private int _wasShort;
    private int _hasLacked;

    /// <summary>Gets a value indicating whether the file system of the state directory is full, or nearly so.</summary>
    public bool IsShort =>
        Posix.RoomOf(layout.Root) is { } room && (IsLess(room.Bytes, MinBytes) || IsLess(room.Files, MinFiles));

    /// <summary>Determines whether an exception says that there is no room.</summary>
    public static bool IsLack(Exception exception) => exception is IOException { HResult: Posix.ErrorNoSpace or Posix.ErrorQuota };

    /// <summary>Determines the same, and has room made the next time: a quota can be used up on a file system that has room.</summary>
    public bool Lacks(Exception exception)
    {
        if (!IsLack(exception))
        {
            return false;
        }

        Volatile.Write(ref _hasLacked, 1);
        return true;
    }

    /// <summary>Determines whether room is to be made. Logs that there is little once, and once when there is enough again.</summary>
    public bool IsDue()
    {
        // A directory that is none of ours is not touched.
        if (!File.Exists(layout.Marker) || !Directory.Exists(layout.Work))
        {
            return false;
        }

        var hasLacked = Interlocked.Exchange(ref _hasLacked, 0) != 0;
        if (!IsShort)
        {
            if (Interlocked.Exchange(ref _wasShort, 0) != 0)
            {
                LogEnough(layout.Root);
            }

            return hasLacked;
        }

        if (Interlocked.Exchange(ref _wasShort, 1) == 0)
        {
            LogShort(layout.Root);
        }

        return true;
    }

    /// <summary>Deletes the work trees that nobody uses, on another thread.</summary>
    public Task MakeAsync(CancellationToken cancellationToken) =>
        Task.Run(() => WorkSlot.DeleteFreeAsync(layout.Work, cancellationToken), cancellationToken);

    private static bool IsLess((ulong Left, ulong All) room, ulong enough) =>
        room.All > 0 && room.Left < Math.Min(enough, room.All / MinPart);

    [LoggerMessage(LogLevel.Warning, "The file system of the state directory {Path} is full or nearly so. Work trees that no build uses are emptied; what cannot be written waits until there is room")]
    private partial void LogShort(string path);

    [LoggerMessage(LogLevel.Information, "The file system of the state directory {Path} has room again")]
    private partial void LogEnough(string path);
}
