namespace BuildRunner.Git.Remotes;

/// <summary>What has come of a push.</summary>
internal abstract record PushResult
{
    private PushResult()
    {
    }

    /// <summary>The references are what they were to become.</summary>
    public sealed record Done : PushResult;

    /// <summary>Nothing was changed: a reference was not what was expected.</summary>
    public sealed record Stale : PushResult;

    /// <summary>Nothing was changed: the server does not allow it.</summary>
    /// <param name="Reason">What it says.</param>
    public sealed record Refused(string Reason) : PushResult;
}
