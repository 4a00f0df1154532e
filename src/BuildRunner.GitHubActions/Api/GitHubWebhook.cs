using System.Net;
using System.Text;
using System.Text.Json;
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
        var signature = HeaderOf(headers, "X-Hub-Signature-256");
        if (signature?.StartsWith(Scheme, StringComparison.Ordinal) != true
            || !WebhookSignature.IsHex(signature[Scheme.Length..], body, secrets.Select(Encoding.UTF8.GetBytes)))
        {
            return null;
        }

        return HeaderOf(headers, "X-GitHub-Event") is "workflow_run" or "workflow_job" && Parse(body) is { } row
            && $"{options.Owner}/{options.Repository}".Equals(row.Repository?.FullName, StringComparison.OrdinalIgnoreCase)
            && ((row.WorkflowRun?.Id ?? row.WorkflowJob?.RunId) is { } number and > 0)
            ? [RunId.Of(number, row.WorkflowRun?.HeadSha ?? row.WorkflowJob?.HeadSha, options.Changes).BuildId]
            : [];
    }

    private static string? HeaderOf(IReadOnlyDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static WebhookRow? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            var text = Encoding.UTF8.GetString(body);
            var isForm = text.StartsWith(FormField, StringComparison.Ordinal);
            text = isForm ? WebUtility.UrlDecode(text[FormField.Length..].Split('&')[0]) : text;
            return JsonSerializer.Deserialize(text, GitHubJson.Default.WebhookRow);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
