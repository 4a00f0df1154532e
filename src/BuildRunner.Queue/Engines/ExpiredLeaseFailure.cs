namespace BuildRunner.Queue.Engines;

/// <summary>
/// Provides what is said of a message whose lease has expired.
/// </summary>
internal static class ExpiredLeaseFailure
{
    /// <summary>
    /// Gets the failure of a message whose last attempt ended with its lease.
    /// </summary>
    public static Failure Failure { get; } = new("The lease ended before the message was settled: its process ended, or was cut off, while it handled the message.", "lease_expired");
}
