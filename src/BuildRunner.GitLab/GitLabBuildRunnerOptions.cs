using BuildRunner.Http;

namespace BuildRunner.GitLab;

/// <summary>Represents the options of a <see cref="GitLabBuildRunner"/>.</summary>
public sealed class GitLabBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the address of the server as a browser opens it, without <c>api/v4</c>. The default is <c>https://gitlab.com/</c>.
    /// </summary>
    public Uri? Url { get; set; } = new("https://gitlab.com/");

    /// <summary>Gets or sets the project: its path, such as <c>acme/shop</c>, or its id.</summary>
    public string Project { get; set; } = "";

    /// <summary>
    /// Gets or sets the branch or tag that pipelines run on if changes are sent as <see cref="ChangesForm.Document"/>. The default is
    /// <c>main</c>.
    /// </summary>
    public string Ref { get; set; } = "main";

    /// <summary>
    /// Gets or sets the source of an access token with the scope <c>api</c>. It is called for each request, so the token may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Gets or sets the source of a trigger token that creates pipelines, or <see langword="null"/> (the default) to create them with
    /// <see cref="Token"/>, which everything else uses. It is called for each pipeline, so the token may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? TriggerToken { get; set; }

    /// <summary>
    /// Gets or sets the source of the webhook's secrets, any of which may match, or <see langword="null"/> (the default) to reject all
    /// webhooks. A secret that begins with <c>whsec_</c> is a signing token; any other is a secret token.
    /// </summary>
    public Func<CancellationToken, ValueTask<IReadOnlyList<string>>>? WebhookSecrets { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether a pipeline that waits for a manual job has failed as blocked. The default is
    /// <see langword="false"/>: it is running until somebody starts the job.
    /// </summary>
    public bool FailsWhenManual { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
                $"{nameof(Url)} must be absolute, http or https, and without user info, query and fragment."),
            ((Project ?? "").Split('/').All(static part => part.Trim('.', ' ').Length > 0),
                $"{nameof(Project)} must be the path of a project, such as acme/shop, or its id."),
            (!string.IsNullOrWhiteSpace(Ref), $"{nameof(Ref)} must name the branch or tag that pipelines run on."),
            (Token is not null, $"{nameof(Token)} is needed, also with a trigger token, which cannot read or cancel."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }
}
