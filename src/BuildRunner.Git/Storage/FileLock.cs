using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Storage;

/// <summary>Represents a file or directory that is locked with flock(2), against other processes and within this one, until disposal or the
/// end of the process.</summary>
/// <remarks>It does not use <see cref="FileShare"/>, whose locks a host can switch off for all of .NET.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class FileLock : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private FileLock(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    /// <summary>Locks an existing file or directory.</summary>
    /// <returns>The lock, or <see langword="null"/> if it is taken or the path does not exist.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock? TryTake(string path)
    {
        var handle = Posix.OpenFile(path, create: false);
        return handle is null ? null : Lock(path, handle, Posix.LockExclusive | Posix.LockNoWait);
    }

    /// <summary>Locks a file, and creates it if necessary.</summary>
    /// <returns>The lock, or <see langword="null"/> if it is taken.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock? TryTakeOrCreate(string path) =>
        Lock(path, OpenOrCreate(path), Posix.LockExclusive | Posix.LockNoWait);

    /// <summary>Waits for the lock of a file that is never deleted, and creates the file if necessary.</summary>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock Take(string path) =>
        Lock(path, OpenOrCreate(path), Posix.LockExclusive)
            ?? throw new IOException($"'{path}' was deleted while waiting for its lock.");

    /// <summary>Creates a file that is locked from the moment it becomes visible. Its content is durable afterwards, but its name may not
    /// be.</summary>
    /// <param name="temporary">An unused path on the same file system.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static FileLock Create(string temporary, string path, ReadOnlySpan<byte> content)
    {
        DurableFile.Create(temporary, content);
        var handle = OpenOrCreate(temporary);
        try
        {
            Posix.Lock(handle, temporary, Posix.LockExclusive | Posix.LockNoWait);
            File.Move(temporary, path, overwrite: true);
            return new FileLock(path, handle);
        }
        catch
        {
            handle.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Deletes the file before another process can lock it.</summary>
    public void Delete()
    {
        File.Delete(_path);
        Dispose();
    }

    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            // Explicitly, because a child that is being started still has the descriptor, and with it the lock, for a moment.
            Posix.Unlock(_handle);
            _handle.Dispose();
        }
    }

    private static SafeFileHandle OpenOrCreate(string path) =>
        Posix.OpenFile(path, create: true) ?? throw new DirectoryNotFoundException($"The directory of '{path}' does not exist.");

    private static FileLock? Lock(string path, SafeFileHandle handle, int operation)
    {
        try
        {
            // The file may have been deleted, and even created again, between opening and locking.
            if (Posix.Lock(handle, path, operation) && Posix.IdentityOf(handle) == Posix.IdentityOf(path))
            {
                return new FileLock(path, handle);
            }
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        handle.Dispose();
        return null;
    }
}
