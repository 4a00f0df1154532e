namespace BuildRunner;

/// <summary>Represents the options for waiting for a build.</summary>
public sealed record BuildWaitOptions
{
    // The longest time of a timer: 32 bits of milliseconds, less the value that means "never".
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    internal static BuildWaitOptions Default { get; } = new();

    /// <summary>Gets the maximum time to wait, counted from the start of the wait, or <see langword="null"/> (the default) to wait
    /// indefinitely. When it elapses, the wait ends with a <see cref="TimeoutException"/> and the build is not cancelled. A pending call of
    /// the runner is abandoned: it has only the caller's token, so it ends when the runner gives up by itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative or more than 4,294,967,294 milliseconds (about 49.7
    /// days).</exception>
    public TimeSpan? Timeout
    {
        get;
        init
        {
            if (value is { } timeout)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(Timeout));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, MaxTimeout, nameof(Timeout));
            }

            field = value;
        }
    }

    /// <summary>Gets the time provider of the wait. The default is <see cref="TimeProvider.System"/>; tests use a fake one.</summary>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(TimeProvider));
            field = value;
        }
    } = TimeProvider.System;
}
