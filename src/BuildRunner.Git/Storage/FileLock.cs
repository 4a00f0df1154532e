using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Storage;

/// <summary>
/// A file or directory that is locked by flock(2): against other processes and against others in this one, until it is disposed of or the process ends, in whatever way.
/// </summary>
/// <remarks>Not by <see cref="FileShare"/>, which a host can switch off for all of .NET.</remarks>
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

    /// <summary>Locks what is there.</summary>
    /// <returns>The lock, or <see langword="null"/> where somebody else has it or nothing is there.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock? TryTake(string path)
    {
        var handle = Posix.OpenFile(path, create: false);
        return handle is null ? null : Lock(path, handle, Posix.LockExclusive | Posix.LockNoWait);
    }

    /// <summary>Locks a file, which is made where there is none.</summary>
    /// <returns>The lock, or <see langword="null"/> where somebody else has it.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock? TryTakeOrCreate(string path) =>
        Lock(path, OpenOrCreate(path), Posix.LockExclusive | Posix.LockNoWait);

    /// <summary>Locks a file, which is made where there is none and never deleted, and waits for whoever has it.</summary>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    public static FileLock Take(string path) =>
        Lock(path, OpenOrCreate(path), Posix.LockExclusive) ?? throw new IOException($"'{path}' was deleted while it was waited for.");

    /// <summary>Makes a file that is locked from the first moment that anybody can find it. Its content is on the disk then, but its name may not be.</summary>
    /// <param name="temporary">A path that nobody else uses, on the same file system.</param>
    /// <param name="path">Where the file is to be found.</param>
    /// <param name="content">What is to be in it.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
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

    /// <summary>Deletes the file before anybody else can lock it.</summary>
    public void Delete()
    {
        File.Delete(_path);
        Dispose();
    }

    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            // Explicitly, because a child that is just being started has the descriptor, and with it the lock, for another moment.
            Posix.Unlock(_handle);
            _handle.Dispose();
        }
    }

    private static SafeFileHandle OpenOrCreate(string path) =>
        Posix.OpenFile(path, create: true) ?? throw new DirectoryNotFoundException($"The directory of '{path}' is not there.");

    private static FileLock? Lock(string path, SafeFileHandle handle, int operation)
    {
        try
        {
            // It may have been deleted, and even made anew, between the opening and the locking.
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
