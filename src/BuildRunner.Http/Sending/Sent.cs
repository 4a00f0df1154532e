namespace BuildRunner.Http.Sending;

/// <summary>What came of a request: an answer, or why there is none.</summary>
internal sealed record Sent
{
    public HttpReply? Reply { get; init; }

    /// <summary>Gets the answer whose body is still to be read, where that was asked for. Its reader disposes it.</summary>
    public HttpResponseMessage? Opened { get; init; }

    /// <summary>Gets what the answer says about the rate limit.</summary>
    public HttpQuota Quota { get; init; } = HttpQuota.None;

    /// <summary>Gets under what the answer may be remembered, where it may.</summary>
    public string? Key { get; init; }

    /// <summary>Gets whether an answer that is no success, or may be remembered, comes from the service itself.</summary>
    public bool IsOwn { get; init; }

    public bool IsCredentialRefused { get; init; }

    /// <summary>Gets whether the service has confirmed an answer that it gave before.</summary>
    public bool IsConfirmed { get; init; }

    public Exception? Error { get; init; }

    /// <summary>Gets whether the service may have acted on the request.</summary>
    public bool MayHaveArrived { get; init; } = true;

    /// <summary>Gets how long there is to wait, where the request was not sent for that reason.</summary>
    public TimeSpan? Held { get; init; }

    /// <summary>Gets whether the wait is for the turns of others, and not what the service has asked for.</summary>
    public bool IsCrowded { get; init; }
}
