namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Keeps what it was told. One is shared by all processes of a test, as what an owner remembers.</summary>
internal sealed class RecordingObserver : IBuildObserver
{
    private readonly Lock _gate = new();
    private readonly List<Build> _seen = [];
    private readonly List<BuildGroup> _groups = [];

    public IReadOnlyList<Build> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Gets the verdicts.</summary>
    public IReadOnlyList<BuildGroup> Groups
    {
        get
        {
            lock (_gate)
            {
                return [.. _groups];
            }
        }
    }

    public Task OnGroupEndedAsync(BuildGroup group, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _groups.Add(group);
        }

        return Task.CompletedTask;
    }

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _seen.Add(build);
        }

        return Task.CompletedTask;
    }
}
