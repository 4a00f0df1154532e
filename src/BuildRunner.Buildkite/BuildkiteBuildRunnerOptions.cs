using System.Text.RegularExpressions;
using BuildRunner.Http;

namespace BuildRunner.Buildkite;

/// <summary>
/// Represents the options of a <see cref="BuildkiteBuildRunner"/>.
/// </summary>
public sealed partial class BuildkiteBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>Gets or sets the address of the API. The default is <c>https://api.buildkite.com/v2/</c>.</summary>
    public Uri? ApiUrl { get; set; } = new("https://api.buildkite.com/v2/");

    /// <summary>Gets or sets the organization of the pipeline, as it appears in addresses.</summary>
    public string Organization { get; set; } = "";

    /// <summary>Gets or sets the pipeline, as it appears in addresses.</summary>
    public string Pipeline { get; set; } = "";

    /// <summary>
    /// Gets or sets the branch that is built if changes are sent as <see cref="ChangesForm.Document"/>. The default is <c>main</c>.
    /// </summary>
    public string Branch { get; set; } = "main";

    /// <summary>
    /// Gets or sets a value indicating whether a build that waits to be unblocked has failed. The default is <see langword="false"/>: it is
    /// running until somebody unblocks it.
    /// </summary>
    public bool FailsBlockedBuilds { get; set; }

    /// <summary>
    /// Gets or sets the source of the API token, which needs <c>read_builds</c>, <c>write_builds</c> and, for logs,
    /// <c>read_build_logs</c>. It is called for each request, so the token may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Gets or sets the source of the tokens of the webhook, any of which may match, or <see langword="null"/> (the default) to reject all
    /// webhooks.
    /// </summary>
    public Func<CancellationToken, ValueTask<IReadOnlyList<string>>>? WebhookSecrets { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (ApiUrl is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
                "ApiUrl must be an absolute address, http or https, without user info, query and fragment."),
            (Slug().IsMatch(Organization ?? "") && Slug().IsMatch(Pipeline ?? ""),
                "Organization and Pipeline must be as addresses name them."),
            (!string.IsNullOrWhiteSpace(Branch), "Branch must name the branch to build."),
            (Token is not null, "Token must give the API token."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }

    // Neither empty nor a step up in an address.
    [GeneratedRegex(@"^(?!\.+\z)[A-Za-z0-9._-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();
}
