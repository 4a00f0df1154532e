namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents a message that a consumer has the lease of.
/// </summary>
/// <param name="Lease">The lease.</param>
/// <param name="Delivery">The message and what is known about its deliveries.</param>
/// <param name="IsQuarantined">Whether a lease of the message has expired, so that the next that lapses counts.</param>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record Claim(Lease Lease, Delivery Delivery, bool IsQuarantined);
