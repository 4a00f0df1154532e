using System.Text.RegularExpressions;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions;

/// <summary>
/// Represents the options of a <see cref="GitHubActionsBuildRunner"/>.
/// </summary>
public sealed partial class GitHubActionsBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the address of the API. The default is <c>https://api.github.com/</c>. GitHub Enterprise Server has
    /// <c>https://HOST/api/v3/</c>, data residency <c>https://api.SUBDOMAIN.ghe.com/</c>. The GraphQL address is derived from it.
    /// </summary>
    public Uri? ApiUrl { get; set; } = new("https://api.github.com/");

    /// <summary>
    /// Gets or sets the version of the API. The default is <c>2022-11-28</c>, which every server supports.
    /// </summary>
    public string ApiVersion { get; set; } = "2022-11-28";

    /// <summary>
    /// Gets or sets the user or organization that owns the repository. Required.
    /// </summary>
    public string Owner { get; set; } = "";

    /// <summary>
    /// Gets or sets the name of the repository, without its owner. Required.
    /// </summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// Gets or sets the workflow that verifies changes: its file name, such as <c>build.yml</c>, or its id. Required. It needs a
    /// <c>workflow_dispatch</c> trigger, also on the default branch.
    /// </summary>
    public string Workflow { get; set; } = "";

    /// <summary>
    /// Gets or sets the branch or tag to run the workflow on if changes are sent as <see cref="ChangesForm.Document"/>. The default is
    /// <c>main</c>.
    /// </summary>
    public string Ref { get; set; } = "main";

    /// <summary>
    /// Gets or sets a callback that provides the access token, which needs write access to Actions, or <see langword="null"/> (the default)
    /// for a GitHub App. It is called for each request, so that the token may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Gets or sets the client id or number of the GitHub App, or <see langword="null"/> (the default) to use <see cref="Token"/>.
    /// </summary>
    public string? AppId { get; set; }

    /// <summary>
    /// Gets or sets the number of the installation of <see cref="AppId"/> that can access the repository.
    /// </summary>
    public long? InstallationId { get; set; }

    /// <summary>
    /// Gets or sets a callback that provides the private key of <see cref="AppId"/> as PEM. It is called for each token, about once an
    /// hour,
    /// so that the key may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? PrivateKey { get; set; }

    /// <summary>
    /// Gets or sets a callback that provides the webhook secrets, one of which must match, or <see langword="null"/> (the default) to
    /// accept
    /// no webhooks.
    /// </summary>
    public Func<CancellationToken, ValueTask<IReadOnlyList<string>>>? WebhookSecrets { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        if (ApiUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" })
        {
            yield return "ApiUrl must be an absolute http or https address without user info, query and fragment.";
        }

        if (!Name().IsMatch(ApiVersion))
        {
            yield return "ApiVersion must be a version of the API, such as 2022-11-28.";
        }

        if (!Name().IsMatch(Owner) || !Name().IsMatch(Repository))
        {
            yield return "Owner and Repository must each be one part of owner/repository.";
        }

        if (!Name().IsMatch(Workflow))
        {
            yield return "Workflow must be the name of a file in .github/workflows, without the directory, or an id.";
        }

        if (string.IsNullOrWhiteSpace(Ref))
        {
            yield return "Ref must name the branch or tag to run the workflow on.";
        }

        if ((AppId is null) != (InstallationId is null) || (AppId is null) != (PrivateKey is null) || (AppId is null) == (Token is null)
            || AppId == "")
        {
            yield return "Set either Token, or AppId, InstallationId and PrivateKey together.";
        }

        foreach (var failure in base.Validate())
        {
            yield return failure;
        }
    }

    // Neither empty nor a step up in an address.
    [GeneratedRegex(@"^(?!\.+\z)[A-Za-z0-9._-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
