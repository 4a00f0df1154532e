namespace BuildRunner.Http.Sending;

/// <summary>Represents the result of a request: an answer, or why there is none.</summary>
internal sealed record Sent
{
    public HttpReply? Reply { get; init; }

    /// <summary>Gets the answer with an unread body, if the caller asked for that. Its reader disposes it.</summary>
    public HttpResponseMessage? Opened { get; init; }

    /// <summary>Gets the rate limit that the answer reports.</summary>
    public HttpQuota Quota { get; init; } = HttpQuota.None;

    /// <summary>Gets the key for remembering the answer, or <see langword="null"/> if it must not be remembered.</summary>
    public string? Key { get; init; }

    /// <summary>
    /// Gets a value indicating whether the answer comes from the service itself. Only set for failures and answers that may be remembered.
    /// </summary>
    public bool IsOwn { get; init; }

    public bool IsCredentialRefused { get; init; }

    /// <summary>Gets a value indicating whether the service has confirmed a remembered answer.</summary>
    public bool IsConfirmed { get; init; }

    public Exception? Error { get; init; }

    /// <summary>Gets a value indicating whether the service may have acted on the request.</summary>
    public bool MayHaveArrived { get; init; } = true;

    /// <summary>Gets the time to wait, if the request was not sent for that reason.</summary>
    public TimeSpan? Held { get; init; }

    /// <summary>Gets a value indicating whether the wait is for the turns of others, not one that the service asked for.</summary>
    public bool IsCrowded { get; init; }
}
