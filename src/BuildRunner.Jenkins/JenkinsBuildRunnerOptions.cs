using BuildRunner.Http;

namespace BuildRunner.Jenkins;

/// <summary>
/// Represents the options of a <see cref="JenkinsBuildRunner"/>.
/// </summary>
public sealed class JenkinsBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>Gets or sets the address of the controller, such as <c>https://ci.example.org/jenkins/</c>.</summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// Gets or sets the full name of the job, as <c>JOB_NAME</c> shows it: <c>verify</c>, <c>team/verify</c> in a
    /// folder, or <c>shop/feature%2Fx</c> for a branch of a multibranch project. It must declare the parameters that the runner sends.
    /// </summary>
    public string Job { get; set; } = "";

    /// <summary>Gets or sets the id of the user that the runner acts as.</summary>
    public string UserName { get; set; } = "";

    /// <summary>
    /// Gets or sets the source of an API token of <see cref="UserName"/>. It is called for each request, so the token may be rotated. A
    /// password does not work.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? ApiToken { get; set; }

    /// <summary>Gets or sets a value indicating whether an <c>UNSTABLE</c> build has succeeded. By default, it has failed.</summary>
    public bool UnstableSucceeds { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
                "Url must be an absolute address, http or https, without user info, query and fragment."),
            ((Job ?? "").Split('/').All(static name => name.Trim('.', ' ').Length > 0),
                "Job must be the full name of a job, such as team/verify."),
            (!string.IsNullOrWhiteSpace(UserName) && !UserName.Contains(':', StringComparison.Ordinal),
                "UserName must be an id, without a colon."),
            (ApiToken is not null, "ApiToken must be set."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }
}
