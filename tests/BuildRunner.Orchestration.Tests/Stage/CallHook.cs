namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The hook that all calls of one process go through. A test sets its effect.</summary>
internal sealed class CallHook
{
    private readonly AsyncLocal<bool> _isExempt = new();
    private readonly AsyncLocal<string?> _topic = new();
    private int _calls;

    /// <summary>Gets or sets what happens at a moment. It is not asked again for the calls that it makes itself.</summary>
    public Func<StageCall, Task> OnCallAsync { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Gets or sets what happens after each statement of a transaction, and before it is committed, where the data is in a database; <see langword="null"/> for nothing. It waits for nothing.</summary>
    public Action? OnStatement { get; set; }

    /// <summary>Gets or sets why the store cannot save a build that is submitted with others, or <see langword="null"/> if it can.</summary>
    public Func<Build, Exception?> RefusalOf { get; set; } = static _ => null;

    /// <summary>Gets a value indicating whether a call is being made.</summary>
    public bool IsInCall => Volatile.Read(ref _calls) > 0;

    /// <summary>Gets or sets a value indicating whether the process has died.</summary>
    public bool IsDead { get; set; }

    /// <summary>Gets or sets the topic of the message that is handled, for the calls that are made from here.</summary>
    public string? Topic
    {
        get => _topic.Value;
        set => _topic.Value = value;
    }

    /// <summary>Makes a call. If its token is cancelled meanwhile, the call fails although its work is done, like a cancelled wait for a database.</summary>
    public async Task<T> RunAsync<T>(string member, Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        T result;
        await MeetAsync(new StageCall(member, IsDone: false, Topic));
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            result = await CallAsync(call);
        }
        catch (Exception)
        {
            await MeetAsync(new StageCall(member, IsDone: true, Topic));
            throw;
        }

        await MeetAsync(new StageCall(member, IsDone: true, Topic));
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    public async Task RunAsync(string member, Func<Task> call, CancellationToken cancellationToken = default) => await RunAsync(
        member,
        async () =>
        {
            await call();
            return true;
        },
        cancellationToken);

    public void MeetStatement()
    {
        OnStatement?.Invoke();
        ThrowIfDead();
    }

    // Not by the context of the caller: some stores save on another one.
    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            return await call();
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

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
