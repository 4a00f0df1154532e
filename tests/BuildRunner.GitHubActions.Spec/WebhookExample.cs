using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>A payload that GitHub has sent to somebody's webhook, without what would tell who it was.</summary>
/// <param name="Event">The value of the header <c>X-GitHub-Event</c>.</param>
/// <param name="Payload">The body, which is JSON.</param>
public sealed record WebhookExample(string Event, string Payload)
{
    /// <summary>Reads all examples of <c>@octokit/webhooks-examples</c>.</summary>
    /// <remarks>Where they cannot be had, the test is skipped, or fails on a build server (<c>CI=true</c>).</remarks>
    public static async Task<IReadOnlyList<WebhookExample>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var packages = Path.Combine(await NpmChecks.GetPathAsync(), "node_modules");
        var file = Path.Combine(packages, "@octokit", "webhooks-examples", "api.github.com", "index.json");
        var events = (JsonArray)JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken))!;
        return
        [
            .. from one in events
               from example in (JsonArray)one["examples"]!
               select new WebhookExample(one["name"]!.GetValue<string>(), example.ToJsonString()),
        ];
    }
}
