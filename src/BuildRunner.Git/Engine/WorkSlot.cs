using System.Globalization;
using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Represents a work tree that belongs to one build until disposal or the end of the process. All processes of a state directory
/// share the work trees; there are as many as were ever needed at the same time.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WorkSlot : IDisposable
{
    private readonly string _mark;
    private readonly FileLock _lock;

    private WorkSlot(string path, FileLock @lock)
    {
        _mark = path + ".json";
        _lock = @lock;
        WorkTree = new WorkTree(path);
    }

    public WorkTree WorkTree { get; }

    /// <summary>Claims the first free work tree that has no processes left.</summary>
    public static async Task<WorkSlot> ClaimAsync(string directory)
    {
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(directory, number.ToString(CultureInfo.InvariantCulture));
            if (FileLock.TryTakeOrCreate(path + ".lock") is not { } taken)
            {
                continue;
            }

            WorkSlot? slot = new(path, taken);
            try
            {
                if (await slot.KillRestAsync().ConfigureAwait(false))
                {
                    var claimed = slot;
                    slot = null;
                    return claimed;
                }

                // A process there does not die and might still write.
            }
            finally
            {
                slot?.Dispose();
            }
        }
    }

    /// <summary>Deletes all work trees that no build uses and no process runs in, as far as possible.</summary>
    public static async Task DeleteFreeAsync(string directory, CancellationToken cancellationToken)
    {
        // Builds can write here as well; only a number is the name of a work tree.
        var locks = Directory.EnumerateFiles(directory, "*.lock");
        foreach (var file in locks.Where(static file => IsNumber(Path.GetFileNameWithoutExtension(file))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (FileLock.TryTake(file) is { } taken)
                {
                    using WorkSlot slot = new(Path.ChangeExtension(file, null), taken);
                    if (await slot.KillRestAsync().ConfigureAwait(false))
                    {
                        slot.TryDelete(cancellationToken);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A build may have caused it; the others can still be deleted.
            }
        }
    }

    /// <summary>Deletes the work tree as far as possible.</summary>
    public void TryDelete(CancellationToken cancellationToken)
    {
        try
        {
            WorkTree.Delete(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next build moves it out of the way.
        }
    }

    /// <summary>Records the attempt that runs, or is about to run, in the work tree.</summary>
    public void Mark(Attempt attempt) => AttemptFile.Write(_mark, attempt);

    /// <summary>Gets or sets a value indicating whether processes are left in the work tree that could not be killed. No build uses it
    /// before they are gone.</summary>
    public bool HasProcessesLeft { get; set; }

    /// <summary>Removes the record of the attempt, unless processes are left.</summary>
    public void Clear()
    {
        if (!HasProcessesLeft)
        {
            AttemptFile.Clear(_mark);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static bool IsNumber(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private async Task<bool> KillRestAsync()
    {
        try
        {
            if (AttemptFile.Read(_mark) is not { } attempt)
            {
                return true;
            }

            if (!await BuildProcesses.Of(attempt).KillAsync().ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An earlier build may have written the file, so a damaged one is ignored.
        }

        Clear();
        return true;
    }
}
