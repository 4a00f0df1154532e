using System.Text;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Storage;

/// <summary>Represents the content of a directory that a clean-up keeps.</summary>
internal sealed class KeptDirectory
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Keyed by names with one character per byte.
    private readonly Dictionary<string, KeptDirectory> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileState?> _files = new(StringComparer.Ordinal);

    /// <summary>Keeps a directory below this one, and returns it to add its content.</summary>
    public KeptDirectory AddDirectory(ReadOnlySpan<byte> path)
    {
        var directory = this;
        foreach (var part in path.Split((byte)'/'))
        {
            var name = Encoding.Latin1.GetString(path[part]);
            directory = directory._directories.TryGetValue(name, out var known)
                ? known
                : directory._directories[name] = new KeptDirectory();
        }

        return directory;
    }

    /// <summary>Keeps a file in this directory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="state">The state in which the file is kept, or <see langword="null"/> for any file that its owner can read and
    /// write.</param>
    public void AddFile(ReadOnlySpan<byte> name, FileState? state = null) => _files[Encoding.Latin1.GetString(name)] = state;

    /// <summary>Keeps the files and the (empty) submodules of an index.</summary>
    public void AddAll(IEnumerable<IndexEntry> entries)
    {
        ReadOnlyMemory<byte> path = default;
        var directory = this;
        foreach (var entry in entries)
        {
            if (entry.IsGitLink)
            {
                AddDirectory(entry.Path.Span);
                continue;
            }

            var end = entry.Path.Span.LastIndexOf((byte)'/');
            var above = entry.Path[..Math.Max(end, 0)];
            if (!above.Span.SequenceEqual(path.Span))
            {
                // An index is sorted, so most files are in the same directory as the one before.
                path = above;
                directory = above.IsEmpty ? this : AddDirectory(above.Span);
            }

            directory.AddFile(entry.Path.Span[(end + 1)..], entry.State);
        }
    }

    /// <summary>Gets the kept content of a directory, or <see langword="null"/> if the directory is not kept.</summary>
    public KeptDirectory? FindDirectory(string name) => _directories.GetValueOrDefault(name);

    /// <summary>Determines whether a name may be that of a kept file.</summary>
    public bool HasFile(string name) => _files.ContainsKey(name);

    /// <summary>Determines whether a file is kept.</summary>
    public bool Keeps(string name, FileStatus file) => _files[name] is { } state
        ? !file.IsDirectory && file.State == state
        : file.IsFile && (file.Rights & OwnerAll) == (UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
