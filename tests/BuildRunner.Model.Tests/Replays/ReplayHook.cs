namespace BuildRunner.Model.Tests.Replays;

/// <summary>What all calls of handlers go through: each waits until it is its turn. What a caller does is not held.</summary>
internal sealed class ReplayHook
{
    private readonly AsyncLocal<ReplayWorker?> _current = new();

    /// <summary>Gets or sets the handler that makes the calls from here.</summary>
    public ReplayWorker? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public Task MeetAsync(ReplayCall call) => Current?.MeetAsync(call) ?? Task.CompletedTask;
}
