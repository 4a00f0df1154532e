using BuildRunner.Http;

namespace BuildRunner.Jenkins;

/// <summary>
/// Provides the settings of a <see cref="JenkinsBuildRunner"/>.
/// </summary>
public sealed class JenkinsBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>Gets or sets the address of the controller, such as <c>https://ci.example.org/jenkins/</c>.</summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// Gets or sets the full name of the job that verifies changes, as <c>JOB_NAME</c> shows it: <c>verify</c>, <c>team/verify</c> in a
    /// folder, or <c>shop/feature%2Fx</c> for a branch of a multibranch project. It declares the parameters that the runner sends.
    /// </summary>
    public string Job { get; set; } = "";

    /// <summary>Gets or sets the id of the user to call as.</summary>
    public string UserName { get; set; } = "";

    /// <summary>
    /// Gets or sets the callback that returns an API token of <see cref="UserName"/>, for each request anew. A password does not do.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? ApiToken { get; set; }

    /// <summary>Gets or sets a value indicating whether an <c>UNSTABLE</c> build has succeeded. By default it has failed.</summary>
    public bool UnstableSucceeds { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
                "Url must be an absolute address, http or https, without user info, query and fragment."),
            (Job.Split('/').All(static name => name.Trim('.', ' ').Length > 0), "Job must be the full name of a job, such as team/verify."),
            (UserName.Trim().Length > 0 && !UserName.Contains(':', StringComparison.Ordinal), "UserName must be an id, without a colon."),
            (ApiToken is not null, "ApiToken must be set."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }
}
