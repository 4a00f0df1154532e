namespace BuildRunner.Tests.Waiting;

/// <summary>Makes the answers of a <see cref="ScriptedBuildRunner"/>.</summary>
internal static class Answer
{
    public static Func<CancellationToken, Task<BuildSnapshot>> Succeeded { get; } = Of(BuildStatus.Succeeded);

    public static Func<CancellationToken, Task<BuildSnapshot>> Running { get; } = Of(BuildStatus.Running);

    public static Func<CancellationToken, Task<BuildSnapshot>> Accepted { get; } = Of(BuildStatus.Accepted);

    public static Func<CancellationToken, Task<BuildSnapshot>> NoSnapshot { get; } = _ => Task.FromResult<BuildSnapshot>(null!);

    /// <summary>Gives no answer before the token is cancelled.</summary>
    public static Func<CancellationToken, Task<BuildSnapshot>> Hangs { get; } = token =>
    {
        var never = new TaskCompletionSource<BuildSnapshot>();
        token.Register(() => never.TrySetCanceled(token));
        return never.Task;
    };

    /// <summary>Gives no answer whatever becomes of the token.</summary>
    public static Func<CancellationToken, Task<BuildSnapshot>> HangsForGood { get; } = _ => new TaskCompletionSource<BuildSnapshot>().Task;

    public static Func<CancellationToken, Task<BuildSnapshot>> Of(BuildStatus status, TimeSpan? pollAfter = null) =>
        Of(new BuildSnapshot { Status = status, PollAfter = pollAfter });

    public static Func<CancellationToken, Task<BuildSnapshot>> Of(BuildSnapshot snapshot) => _ => Task.FromResult(snapshot);

    public static Func<CancellationToken, Task<BuildSnapshot>> Fails(Exception exception) => _ => Task.FromException<BuildSnapshot>(exception);

    public static Func<CancellationToken, Task<BuildSnapshot>> FailsAtOnce(Exception exception) => _ => throw exception;

    public static BuildRunnerException Transient(TimeSpan? retryAfter = null) => new() { IsTransient = true, RetryAfter = retryAfter };
}
