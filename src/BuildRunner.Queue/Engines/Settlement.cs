namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents the end of a lease: what becomes of the message.
/// </summary>
/// <param name="Lease">The lease.</param>
/// <param name="Resolution">What becomes of the message.</param>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record Settlement(Lease Lease, Resolution Resolution);
