namespace BuildRunner.Http;

/// <summary>
/// Defines what an answer to a create proves.
/// </summary>
public enum CreateVerdict
{
    /// <summary>Nothing: a build may or may not have been created. This includes any answer of a proxy.</summary>
    Unknown,

    /// <summary>A build was created.</summary>
    Created,

    /// <summary>Nothing was created, because the service rejects the request and would reject it again.</summary>
    Rejected,

    /// <summary>Nothing was created, because of credentials, a permission, or a missing project or pipeline.</summary>
    Misconfigured,

    /// <summary>Nothing was created, and the same request may be accepted later, for example after a rate limit.</summary>
    TryLater,
}
