namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Keeps what it was told. One is shared by all processes of a test, as what an owner remembers.</summary>
internal sealed class RecordingObserver : IBuildObserver
{
    private readonly Lock _gate = new();
    private readonly List<Build> _seen = [];

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

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _seen.Add(build);
        }

        return Task.CompletedTask;
    }
}
