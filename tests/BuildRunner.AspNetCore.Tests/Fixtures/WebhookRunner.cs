using System.Text.Json;
using BuildRunner.Http;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A runner for a service that sends signed webhooks, each with the id of a run or pipeline.</summary>
internal class WebhookRunner(IBuildRunner inner, Scheme scheme) : DelegatingBuildRunner(inner), IBuildWebhookReader
{
    private int _asked;

    /// <summary>Gets how many webhooks came as far as this.</summary>
    public int Asked => _asked;

    public virtual ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _asked);
        return ValueTask.FromResult(scheme(headers, body.Span) ? Read(body) : null);
    }

    private static IReadOnlyList<BuildId> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return [.. json.RootElement.EnumerateObject()
                .Where(static member => member.Name is "workflow_run" or "build" or "object_attributes")
                .Select(static member => member.Value)
                .SelectMany(static value => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
                .Where(static build => build.TryGetProperty("id", out _))
                .Select(static build => new BuildId(build.GetProperty("id").ToString()))];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
