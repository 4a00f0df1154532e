namespace BuildRunner;

/// <summary>
/// Represents how to wait for a build.
/// </summary>
public sealed record BuildWaitOptions
{
    // What a timer can count: 32 bits of milliseconds, less the value that means "never".
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    internal static BuildWaitOptions Default { get; } = new();

    /// <summary>
    /// Gets how long to wait at most, counted from the start of the wait, or <see langword="null"/> (the default) to wait without end. When it has passed, the wait ends in a <see cref="TimeoutException"/>. The build is not cancelled. A call of a runner that is under way is abandoned, not cancelled: it gets the caller's token alone, and ends when the runner gives up by itself.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative or more than 4,294,967,294 milliseconds (about 49.7 days).</exception>
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

    /// <summary>
    /// Gets the clock that the wait goes by. The default is <see cref="TimeProvider.System"/>; a test gives a fake one.
    /// </summary>
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
