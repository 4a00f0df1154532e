namespace BuildRunner.Git.Storage;

/// <summary>Provides the paths of a state directory.</summary>
/// <param name="path">The state directory.</param>
internal sealed class StateLayout(string path)
{
    public string Root { get; } = path;

    /// <summary>Gets the file that marks the directory as one of this runner and names its repository.</summary>
    public string Marker { get; } = Path.Combine(path, "buildrunner-state");

    public string Builds { get; } = Path.Combine(path, "builds");

    public string Pending { get; } = Path.Combine(path, "pending");

    public string Keys { get; } = Path.Combine(path, "keys");

    public string KeysLock { get; } = Path.Combine(path, "keys.lock");

    public string Successes { get; } = Path.Combine(path, "successes");

    public string Work { get; } = Path.Combine(path, "work");

    public string Scratch { get; } = Path.Combine(path, "tmp");

    public string Repository { get; } = Path.Combine(path, "repository.git");

    /// <summary>Gets the file with the time of the last pruning.</summary>
    public string Pruned { get; } = Path.Combine(path, "pruned");

    public static string RecordIn(string build) => Path.Combine(build, "record.json");

    public static string ReserveIn(string build) => Path.Combine(build, "reserve");

    public static string LogIn(string build) => Path.Combine(build, "log");

    public string BuildOf(string id) => Path.Combine(Builds, id);

    public string PendingOf(string id) => Path.Combine(Pending, id);

    public string RecordOf(string id) => RecordIn(BuildOf(id));

    public string ReserveOf(string id) => ReserveIn(BuildOf(id));

    public string LogOf(string id) => LogIn(BuildOf(id));

    public string RunningOf(string id) => Path.Combine(BuildOf(id), "running.json");

    public string ResultOf(string id) => Path.Combine(BuildOf(id), "result.json");

    public string CancelOf(string id) => Path.Combine(BuildOf(id), "cancel");

    /// <summary>Creates the missing directories.</summary>
    public void Create()
    {
        foreach (var directory in new[] { Builds, Pending, Keys, Successes, Work, Scratch })
        {
            Directory.CreateDirectory(directory);
        }
    }
}
