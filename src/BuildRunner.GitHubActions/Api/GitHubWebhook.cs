using System.Net;
using System.Text;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Reads webhooks.</summary>
internal static class GitHubWebhook
{
    private const string Scheme = "sha256=";
    private const string FormField = "payload=";

    /// <summary>Reads the builds that a webhook is about, or returns <see langword="null"/> if it is not authentic.</summary>
    public static IReadOnlyList<BuildId>? Read(
        IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets,
        GitHubActionsBuildRunnerOptions options)
    {
        var signature = WebhookSignature.HeaderOf(headers, "X-Hub-Signature-256");
        if (signature?.StartsWith(Scheme, StringComparison.Ordinal) != true
            || !WebhookSignature.IsHex(signature[Scheme.Length..], body, secrets.Select(Encoding.UTF8.GetBytes)))
        {
            return null;
        }

        return WebhookSignature.HeaderOf(headers, "X-GitHub-Event") is "workflow_run" or "workflow_job" && Parse(body) is { } row
            && $"{options.Owner}/{options.Repository}".Equals(row.Repository?.FullName, StringComparison.OrdinalIgnoreCase)
            && ((row.WorkflowRun?.Id ?? row.WorkflowJob?.RunId) is { } number and > 0)
            ? [GitHubApi.IdOf(number, row.WorkflowRun?.HeadSha ?? row.WorkflowJob?.HeadSha, options.Changes).BuildId]
            : [];
    }

    private static WebhookRow? Parse(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        return HttpJson.Read(
            text.StartsWith(FormField, StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(WebUtility.UrlDecode(text[FormField.Length..].Split('&')[0])) : body,
            GitHubJson.Default.WebhookRow);
    }
}
