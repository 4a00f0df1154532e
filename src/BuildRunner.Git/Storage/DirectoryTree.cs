using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Storage;

/// <summary>Deletes everything that a build may have left in a directory, at any depth and of any name, kind and permissions. It does not
/// follow links or enter mount points.</summary>
/// <remarks>It walks from one open directory to the next, because a path may be too long for the system, and keeps a stack of its own,
/// because the directories may be nested too deeply for recursion. <see cref="Directory"/> and git can do neither, and git ignores pipes,
/// sockets and devices.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class DirectoryTree : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Stack<Level> _levels = new();

    // Those of a new directory.
    private readonly UnixFileMode _rights;
    private readonly CancellationToken _cancellationToken;
    private SafeFileHandle _current;
    private string? _failure;

    private DirectoryTree(SafeFileHandle parent, byte[] name, KeptDirectory? kept, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _current = parent;
        var status = Posix.StatusAt(parent, "\0"u8);
        _rights = status?.Rights ?? OwnerAll;
        Level level = new(name, status?.Identity ?? default, Kept: null);
        level.Below.Enqueue((name, kept));
        _levels.Push(level);
    }

    /// <summary>Deletes a file, or a directory with its content, if it exists.</summary>
    /// <exception cref="ArgumentException">The path does not end with a name.</exception>
    /// <exception cref="IOException">Something could not be deleted; everything else was.</exception>
    public static void Delete(string path, CancellationToken cancellationToken = default) => Run(path, kept: null, cancellationToken);

    /// <summary>Deletes everything that is not kept, and gives kept directories the permissions of the directory that contains this
    /// one.</summary>
    /// <exception cref="IOException">Something could not be deleted; everything else was.</exception>
    public static void Clean(string path, KeptDirectory kept, CancellationToken cancellationToken) => Run(path, kept, cancellationToken);

    public void Dispose() => _current.Dispose();

    private static void Run(string path, KeptDirectory? kept, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        if (name is "" or "." or "..")
        {
            throw new ArgumentException($"'{path}' does not end with the name of a file or directory.", nameof(path));
        }

        if (Posix.OpenFile(Path.GetDirectoryName(path)!, create: false) is not { } parent)
        {
            return;
        }

        using DirectoryTree tree = new(parent, Encoding.UTF8.GetBytes(name + "\0"), kept, cancellationToken);
        tree.Run();
        if (tree._failure is { } failure)
        {
            throw new IOException($"Could not clean '{path}': {failure}.");
        }
    }

    private void Run()
    {
        while (true)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_levels.Peek().Below.TryDequeue(out var next))
            {
                Enter(next.Name, next.Kept);
            }
            else if (_levels.Count > 1)
            {
                Leave();
            }
            else
            {
                return;
            }
        }
    }

    private void Enter(byte[] name, KeptDirectory? kept)
    {
        if (Posix.OpenDirectoryAt(_current, name) is not { } directory)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is Posix.ErrorNotDirectory or Posix.ErrorTooManyLinks)
            {
                error = Posix.DeleteAt(_current, name, isDirectory: false);
            }

            Fail(name, error == Posix.ErrorNoEntry ? 0 : error);
            return;
        }

        if (Posix.StatusAt(directory, "\0"u8) is not { } status || Posix.IsMounted(status, _current))
        {
            directory.Dispose();
            Fail(name, Posix.ErrorBusy);
            return;
        }

        var rights = kept is null ? status.Rights | OwnerAll : _rights;
        if (status.Rights != rights)
        {
            Posix.SetRights(directory, rights);
        }

        // Without the right to search it, there is no way back.
        if (Posix.StatusAt(directory, ".\0"u8) is null)
        {
            directory.Dispose();
            Fail(name, Posix.ErrorAccess);
            return;
        }

        MoveTo(directory);
        _levels.Push(new Level(name, status.Identity, kept));
        Fail(name, Posix.List(_current, Consider));
    }

    private void Leave()
    {
        var level = _levels.Pop();
        var parent = Posix.OpenDirectoryAt(_current, "..\0"u8);
        MoveTo(parent ?? throw new IOException(
            $"Could not open the directory above '{Describe(level.Name)}': {Marshal.GetLastPInvokeErrorMessage()}."));
        if (Posix.StatusAt(_current, "\0"u8)?.Identity != _levels.Peek().Identity)
        {
            throw new IOException($"'{Describe(level.Name)}' was moved while it was being cleaned.");
        }

        if (level.Kept is null)
        {
            Fail(level.Name, Posix.DeleteAt(_current, level.Name, isDirectory: true));
        }
    }

    private void Consider(byte[] name, bool? isDirectory)
    {
        // A single directory may have millions of entries.
        _cancellationToken.ThrowIfCancellationRequested();
        if (_levels.Peek().Kept is { } kept)
        {
            var text = Encoding.Latin1.GetString(name.AsSpan(0, name.Length - 1));
            if (isDirectory != false && kept.FindDirectory(text) is { } below)
            {
                _levels.Peek().Below.Enqueue((name, below));
                return;
            }

            if (kept.HasFile(text) && Posix.StatusAt(_current, name) is { } status && kept.Keeps(text, status))
            {
                return;
            }
        }

        if (isDirectory != true && Posix.DeleteAt(_current, name, isDirectory: false) is var error and not Posix.ErrorIsDirectory)
        {
            Fail(name, error);
        }
        else if (Posix.DeleteAt(_current, name, isDirectory: true) != 0)
        {
            _levels.Peek().Below.Enqueue((name, null));
        }
    }

    private void MoveTo(SafeFileHandle directory)
    {
        _current.Dispose();
        _current = directory;
    }

    private void Fail(byte[] name, int error)
    {
        if (error != 0)
        {
            _failure ??= $"'{Describe(name)}': {Marshal.GetPInvokeErrorMessage(error)}";
        }
    }

    private static string Describe(byte[] name) => GitPath.ToText(name.AsSpan(0, name.Length - 1));

    /// <param name="Name">Its name in the directory above.</param>
    /// <param name="Identity">Its unique identity.</param>
    /// <param name="Kept">The entries to keep, or <see langword="null"/> to delete the directory.</param>
    private sealed record Level(byte[] Name, (ulong Device, ulong Inode) Identity, KeptDirectory? Kept)
    {
        /// <summary>Gets the directories in it that have not been entered yet.</summary>
        public Queue<(byte[] Name, KeptDirectory? Kept)> Below { get; } = new();
    }
}
