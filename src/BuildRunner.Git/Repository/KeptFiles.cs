using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Repository;

/// <summary>
/// The files that a checkout has left, so that the next one need not write them anew. What the build between has touched is told by what no program can set back, and is written again.
/// </summary>
/// <param name="root">The root of the files.</param>
/// <param name="index">Where the index of the checkout is kept, out of the way of the build.</param>
[SupportedOSPlatform("linux")]
internal sealed class KeptFiles(string root, string index)
{
    private readonly byte[] _root = Encoding.UTF8.GetBytes(root + "/");

    /// <summary>Takes the index back, with every file deleted that is not what it was.</summary>
    /// <param name="target">Where git looks for its index.</param>
    /// <param name="objectFormat">The object format.</param>
    /// <returns>The entries of the index, or <see langword="null"/> where nothing can be kept.</returns>
    public IReadOnlyList<IndexEntry>? TakeBack(string target, string objectFormat)
    {
        if (GitIndex.TryRead(index, objectFormat) is not { } entries)
        {
            return null;
        }

        // Moved and not copied: as long as the next checkout is not done there is none to go by.
        File.Move(index, target, overwrite: true);
        if (DiscardTouched(entries))
        {
            return entries;
        }

        File.Delete(target);
        return null;
    }

    /// <summary>Keeps the index of a checkout that is done.</summary>
    /// <param name="source">Where git has its index.</param>
    /// <param name="entries">What stands in it.</param>
    public void Keep(string source, IReadOnlyList<IndexEntry>? entries)
    {
        // What git does not look into where there is a submodule, nobody would clean away.
        if (entries is null || entries.Any(static entry => entry.IsGitLink))
        {
            return;
        }

        // Deleted first: the build could have put a link there.
        var temporary = index + ".new";
        File.Delete(temporary);
        File.Copy(source, temporary);

        // By which git tells what may have changed since in the same moment.
        File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(source));
        File.Move(temporary, index, overwrite: true);
    }

    private bool DiscardTouched(IReadOnlyList<IndexEntry> entries)
    {
        var rights = File.GetUnixFileMode(root);
        HashSet<string> seen = [];
        foreach (var entry in entries)
        {
            if (!AreDirectories(entry.Path.Span, rights, seen) || !DiscardIfTouched(entry))
            {
                return false;
            }
        }

        return true;
    }

    // The directories above a file, from the top, each looked at once. A link there leads elsewhere, and a repository hides what is beside it.
    private bool AreDirectories(ReadOnlySpan<byte> path, UnixFileMode rights, HashSet<string> seen)
    {
        for (var end = path.IndexOf((byte)'/'); end >= 0; end = Next(path, end))
        {
            if (!seen.Add(Encoding.Latin1.GetString(path[..end])))
            {
                continue;
            }

            var directory = Posix.StatusOf([.. _root, .. path[..end], 0]);
            if (directory is null)
            {
                // With all that is below, which git makes anew.
                continue;
            }

            if (!directory.IsDirectory || directory.Rights != rights || Posix.StatusOf([.. _root, .. path[..end], .. "/.git\0"u8]) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private bool DiscardIfTouched(IndexEntry entry)
    {
        byte[] path = [.. _root, .. entry.Path.Span, 0];
        var status = Posix.StatusOf(path);
        return status is null || (!status.IsDirectory && (status.State == entry.State || Posix.TryDelete(path)));
    }

    private static int Next(ReadOnlySpan<byte> path, int end)
    {
        var next = path[(end + 1)..].IndexOf((byte)'/');
        return next < 0 ? -1 : end + 1 + next;
    }
}
