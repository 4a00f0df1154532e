using System.Runtime.Versioning;

namespace BuildRunner.Git.Engine;

/// <summary>Tracks the builds that this process runs. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RunningBuilds(GitBuildRunnerOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RunningBuild> _builds = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _tasks = [];

    /// <summary>Gets a value indicating whether another build may run.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _builds.Values.Count(static build => build.TakesRoom) < options.Concurrency;
            }
        }
    }

    public RunningBuild? Find(string id)
    {
        lock (_lock)
        {
            return _builds.GetValueOrDefault(id);
        }
    }

    /// <summary>Cancels a build if this process runs it.</summary>
    public bool TryCancel(string id)
    {
        lock (_lock)
        {
            if (!_builds.TryGetValue(id, out var build))
            {
                return false;
            }

            build.Cancel();
            return true;
        }
    }

    /// <summary>Adds a build, and runs it on another thread.</summary>
    public void Start(RunningBuild build, Func<Task> runAsync)
    {
        lock (_lock)
        {
            _builds[build.Build.Id.Value] = build;
            var task = Task.Run(runAsync);
            _tasks.Add(task);
            _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Stops counting a build towards the limit of concurrent builds.</summary>
    public void LeaveRoom(RunningBuild build)
    {
        lock (_lock)
        {
            build.TakesRoom = false;
        }
    }

    public void Remove(RunningBuild build)
    {
        lock (_lock)
        {
            _builds.Remove(build.Build.Id.Value);
        }
    }

    /// <summary>Waits for all builds.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll([.. _tasks]);
        }
    }

    private void Remove(Task task)
    {
        lock (_lock)
        {
            _tasks.Remove(task);
        }
    }
}
