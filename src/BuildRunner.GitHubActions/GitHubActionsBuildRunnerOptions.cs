using System.Text.RegularExpressions;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions;

/// <summary>
/// Provides the settings of a <see cref="GitHubActionsBuildRunner"/>.
/// </summary>
public sealed partial class GitHubActionsBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the address of the API. The default is <c>https://api.github.com/</c>; it is <c>https://HOST/api/v3/</c> for GitHub
    /// Enterprise Server and <c>https://api.SUBDOMAIN.ghe.com/</c> for data residency. The address of GraphQL follows from it.
    /// </summary>
    public Uri? ApiUrl { get; set; } = new("https://api.github.com/");

    /// <summary>
    /// Gets or sets the version of the API that is asked for. The default is <c>2022-11-28</c>, which every server knows.
    /// </summary>
    public string ApiVersion { get; set; } = "2022-11-28";

    /// <summary>
    /// Gets or sets the user or organization that the repository belongs to.
    /// </summary>
    public string Owner { get; set; } = "";

    /// <summary>
    /// Gets or sets the name of the repository, without its owner.
    /// </summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// Gets or sets the workflow that verifies changes: the name of its file, such as <c>build.yml</c>, or its id. It has a
    /// <c>workflow_dispatch</c> trigger, also on the default branch.
    /// </summary>
    public string Workflow { get; set; } = "";

    /// <summary>
    /// Gets or sets the branch or tag that the workflow runs on where changes are sent as <see cref="ChangesForm.Document"/>. The default
    /// is <c>main</c>.
    /// </summary>
    public string Ref { get; set; } = "main";

    /// <summary>
    /// Gets or sets what gives the token to call with, which may write Actions. It is asked for each request, so that a token may be
    /// rotated. Either this or an App is given.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// Gets or sets the client id or the number of the GitHub App to call as, or <see langword="null"/> for <see cref="Token"/>.
    /// </summary>
    public string? AppId { get; set; }

    /// <summary>
    /// Gets or sets the number of the installation of <see cref="AppId"/> that has the repository.
    /// </summary>
    public long? InstallationId { get; set; }

    /// <summary>
    /// Gets or sets what gives the private key of <see cref="AppId"/> as PEM. It is asked for each token, about once an hour, so that a key
    /// may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? PrivateKey { get; set; }

    /// <summary>
    /// Gets or sets what gives the secrets of the webhook, of which one is to fit; <see langword="null"/>, the default, to take no webhook.
    /// </summary>
    public Func<CancellationToken, ValueTask<IReadOnlyList<string>>>? WebhookSecrets { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        if (ApiUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" })
        {
            yield return "ApiUrl must be an absolute address, http or https, without user info, query and fragment.";
        }

        if (!Name().IsMatch(ApiVersion))
        {
            yield return "ApiVersion must be a version of the API, such as 2022-11-28.";
        }

        if (!Name().IsMatch(Owner) || !Name().IsMatch(Repository))
        {
            yield return "Owner and Repository must name a repository, each by its own part of owner/repository.";
        }

        if (!Name().IsMatch(Workflow))
        {
            yield return "Workflow must be the name of a file in .github/workflows, without the directory, or an id.";
        }

        if (string.IsNullOrWhiteSpace(Ref))
        {
            yield return "Ref must name the branch that the workflow runs on.";
        }

        if ((AppId is null) != (InstallationId is null) || (AppId is null) != (PrivateKey is null) || (AppId is null) == (Token is null)
            || AppId == "")
        {
            yield return "Either Token is given, or AppId, InstallationId and PrivateKey together.";
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
