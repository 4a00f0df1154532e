namespace BuildRunner.Http;

/// <summary>
/// Provides what a request may be for: the values of <see cref="HttpBackend.Operation"/>.
/// </summary>
public static class HttpOperations
{
    /// <summary>Creates a build.</summary>
    public const string Create = "create";

    /// <summary>Cancels a build.</summary>
    public const string Cancel = "cancel";

    /// <summary>Reads what somebody polls for.</summary>
    public const string Read = "read";

    /// <summary>Reads what a create or a cancel waits for. It may use what polls leave of a rate limit.</summary>
    public const string Check = "check";

    /// <summary>Sends something without judging its answer.</summary>
    public const string Send = "send";

    /// <summary>Opens a text, such as a log.</summary>
    public const string Open = "open";
}
