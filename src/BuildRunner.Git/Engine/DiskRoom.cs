using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Empties unused work trees before they fill the disk: without room, no build could be accepted that would clean them.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class DiskRoom(StateLayout layout, ILogger logger)
{
    // What the runner may need before the next build cleans a work tree. On a small disk a tenth, so that it can ever be free.
    private const ulong MinBytes = 64 * 1024 * 1024;
    private const ulong MinFiles = 10_000;
    private const ulong MinPart = 10;

    private int _wasShort;
    private int _hasLacked;

    /// <summary>Gets a value indicating whether the file system of the state directory is (nearly) full.</summary>
    public bool IsShort =>
        Posix.RoomOf(layout.Root) is { } room && (IsLess(room.Bytes, MinBytes) || IsLess(room.Files, MinFiles));

    /// <summary>Determines whether an exception reports a full disk or an exceeded quota.</summary>
    public static bool IsLack(Exception exception) => exception is IOException { HResult: Posix.ErrorNoSpace or Posix.ErrorQuota };

    /// <summary>Like <see cref="IsLack"/>, and makes room the next time, because a quota may be used up on a disk that is not
    /// full.</summary>
    public bool Lacks(Exception exception)
    {
        if (!IsLack(exception))
        {
            return false;
        }

        Volatile.Write(ref _hasLacked, 1);
        return true;
    }

    /// <summary>Determines whether to make room. Logs each change between short and enough once.</summary>
    public bool IsDue()
    {
        // Never touch a directory of somebody else.
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

    /// <summary>Deletes the unused work trees on another thread.</summary>
    public Task MakeAsync(CancellationToken cancellationToken) =>
        Task.Run(() => WorkSlot.DeleteFreeAsync(layout.Work, cancellationToken), cancellationToken);

    private static bool IsLess((ulong Left, ulong All) room, ulong enough) =>
        room.All > 0 && room.Left < Math.Min(enough, room.All / MinPart);

    [LoggerMessage(
        LogLevel.Warning,
        "The file system of the state directory {Path} is full or nearly full. Emptying unused work trees; writes wait for free space")]
    private partial void LogShort(string path);

    [LoggerMessage(LogLevel.Information, "The file system of the state directory {Path} has enough free space again")]
    private partial void LogEnough(string path);
}
