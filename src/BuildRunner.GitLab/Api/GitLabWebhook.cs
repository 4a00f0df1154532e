using System.Globalization;
using BuildRunner.Http;

namespace BuildRunner.GitLab.Api;

/// <summary>Webhooks with a secret token, or with the signature of Standard Webhooks.</summary>
internal static class GitLabWebhook
{
    // A request that claims to be signed must be, whatever token it has.
    public static bool IsAuthentic(
        IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, DateTimeOffset now) =>
        WebhookSignature.IsStandard(headers, body, secrets, now) ?? WebhookSignature.IsToken(
            WebhookSignature.HeaderOf(headers, "X-Gitlab-Token"), secrets.Where(static secret => !WebhookSignature.IsStandardKey(secret)));

    /// <summary>Reads the pipeline of a body, or gets <see langword="null"/> if it is about none of the project.</summary>
    public static PipelineRow? PipelineOf(ReadOnlySpan<byte> body, string project) =>
        HttpJson.Read(body, GitLabJson.Default.WebhookRow) is
        { ObjectKind: "pipeline", ObjectAttributes: { Id: > 0 } pipeline, Project: { } named }
        && (project.Equals(named.PathWithNamespace, StringComparison.OrdinalIgnoreCase)
            || project == named.Id?.ToString(CultureInfo.InvariantCulture))
            ? pipeline : null;
}
