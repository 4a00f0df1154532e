namespace BuildRunner.Git.Remotes;

/// <summary>The references in the private repository that hold what was fetched for a build, beside that of its result.</summary>
internal static class FetchedReferences
{
    /// <summary>What all of them are below.</summary>
    public const string All = "refs/buildrunner/fetched/";

    /// <summary>Gets what all references of a build are below.</summary>
    public static string Of(string buildId) => All + buildId;

    /// <summary>Gets the reference of a build with a name.</summary>
    public static string Of(string buildId, string name) => $"{Of(buildId)}/{name}";
}
