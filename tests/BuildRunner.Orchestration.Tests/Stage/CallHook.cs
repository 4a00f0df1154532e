namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>What all calls of one process go through. A test sets what happens at each.</summary>
internal sealed class CallHook
{
    private readonly AsyncLocal<bool> _isExempt = new();

    /// <summary>Gets or sets what happens at a moment. It is not asked again for the calls that it makes itself.</summary>
    public Func<StageCall, Task> OnCallAsync { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Gets or sets a value indicating whether the process has died.</summary>
    public bool IsDead { get; set; }

    public async Task<T> RunAsync<T>(string member, Func<Task<T>> call)
    {
        await MeetAsync(new StageCall(member, IsDone: false));
        var result = await call();
        await MeetAsync(new StageCall(member, IsDone: true));
        return result;
    }

    public async Task RunAsync(string member, Func<Task> call) => await RunAsync(member, async () =>
    {
        await call();
        return true;
    });

    private async Task MeetAsync(StageCall call)
    {
        ThrowIfDead();
        if (!_isExempt.Value)
        {
            _isExempt.Value = true;
            try
            {
                await OnCallAsync(call);
            }
            finally
            {
                _isExempt.Value = false;
            }
        }

        ThrowIfDead();
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new CrashException();
        }
    }
}
