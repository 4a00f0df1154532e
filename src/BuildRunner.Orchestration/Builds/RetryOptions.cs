namespace BuildRunner.Orchestration;

/// <summary>Represents how often and when a failed build is tried again.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record RetryOptions
{
    /// <summary>Gets the maximum number of attempts: 1 to 100. The default is 1, for no second one.</summary>
    public int MaxAttempts { get; init; } = 1;

    /// <summary>Gets the failures after which there is another attempt. The default is all but <see cref="RetryKinds.Code"/>.</summary>
    public RetryKinds Kinds { get; init; } = RetryKinds.Infra | RetryKinds.PendingTimeout | RetryKinds.Cancelled;

    /// <summary>Gets the pause before the second attempt: zero to 1 day. It doubles with each further attempt, and half of it is random.
    /// The default is 30 seconds.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the maximum pause between two attempts: <see cref="Delay"/> to 1 day. The default is 10 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets the maximum number of further attempts in an hour, of all builds of an owner at a runner: 0 to 1,000,000. The default
    /// is 100. After that a build ends with its last result.</summary>
    /// <remarks>That of the runner's options counts; that of a submission is ignored.</remarks>
    public int BudgetPerHour { get; init; } = 100;
}
