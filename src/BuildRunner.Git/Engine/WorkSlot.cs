using System.Globalization;
using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>A work tree that is one build's until it is disposed of or the process ends. All processes on a state directory share them; there are as many as they have needed at a time.</summary>
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

    /// <summary>Claims the first work tree that is free, when nothing is left of what ran there before.</summary>
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

                // Something there does not die, and might still write.
            }
            finally
            {
                slot?.Dispose();
            }
        }
    }

    /// <summary>Deletes all work trees that nobody uses and in which nothing runs, as far as that is possible.</summary>
    public static async Task DeleteFreeAsync(string directory, CancellationToken cancellationToken)
    {
        // A build can write here as well, and no other name is taken for that of a work tree.
        foreach (var file in Directory.EnumerateFiles(directory, "*.lock").Where(static file => IsNumber(Path.GetFileNameWithoutExtension(file))))
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
                // The work of a build; the others are still to be deleted.
            }
        }
    }

    /// <summary>Deletes the work tree, as far as that is possible.</summary>
    public void TryDelete(CancellationToken cancellationToken)
    {
        try
        {
            WorkTree.Delete(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever uses it next gets it out of the way.
        }
    }

    /// <summary>Says what is about to run, or runs, in the work tree.</summary>
    public void Mark(Attempt attempt) => AttemptFile.Write(_mark, attempt);

    /// <summary>Gets or sets a value indicating whether something that ran in the work tree could not be killed. It is not used then before that is gone.</summary>
    public bool IsHaunted { get; set; }

    /// <summary>Says that nothing is left of what ran in the work tree, unless something is.</summary>
    public void Clear()
    {
        if (!IsHaunted)
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
            // A build before can have written anything there; what it says does not count then.
        }

        Clear();
        return true;
    }
}
