namespace BuildRunner.Git.Remotes;

/// <summary>Names the references of the private repository that hold the commits fetched for a build.</summary>
internal static class FetchedReferences
{
    /// <summary>The prefix of all of them.</summary>
    public const string All = "refs/buildrunner/fetched/";

    /// <summary>Gets the prefix of the references of a build.</summary>
    public static string Of(string buildId) => All + buildId;

    /// <summary>Gets a reference of a build.</summary>
    public static string Of(string buildId, string name) => $"{Of(buildId)}/{name}";
}
