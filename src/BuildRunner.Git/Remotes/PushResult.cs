namespace BuildRunner.Git.Remotes;

/// <summary>Represents the result of a push.</summary>
internal abstract record PushResult
{
    private PushResult()
    {
    }

    /// <summary>All references were updated.</summary>
    public sealed record Done : PushResult;

    /// <summary>Nothing was changed: a reference did not have the expected value.</summary>
    public sealed record Stale : PushResult;

    /// <summary>Nothing was changed: the server refused.</summary>
    /// <param name="Reason">The reason that the server gave.</param>
    public sealed record Refused(string Reason) : PushResult;
}
