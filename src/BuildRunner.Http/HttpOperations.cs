namespace BuildRunner.Http;

/// <summary>
/// Provides the values of <see cref="HttpBackend.Operation"/>.
/// </summary>
public static class HttpOperations
{
    /// <summary>Creates a build.</summary>
    public const string Create = "create";

    /// <summary>Cancels a build.</summary>
    public const string Cancel = "cancel";

    /// <summary>Polls.</summary>
    public const string Read = "read";

    /// <summary>Reads for a create or a cancel. It may use the part of a rate limit that polls leave.</summary>
    public const string Check = "check";

    /// <summary>Sends a request without judging its answer.</summary>
    public const string Send = "send";

    /// <summary>Opens a text, such as a log.</summary>
    public const string Open = "open";
}
