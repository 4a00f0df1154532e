namespace BuildRunner.Http;

/// <summary>
/// Specifies what an answer to a create proves.
/// </summary>
public enum CreateVerdict
{
    /// <summary>Nothing: a build may have been created, or not. Also what a proxy answers by itself.</summary>
    Unknown,

    /// <summary>A build was created.</summary>
    Created,

    /// <summary>Nothing was created, because the service refuses this request and would refuse it again.</summary>
    Rejected,

    /// <summary>Nothing was created, because of credentials, a permission, or a project or pipeline that is missing.</summary>
    Misconfigured,

    /// <summary>Nothing was created, and the same request may be accepted later, such as after a rate limit.</summary>
    TryLater,
}
