using System.Globalization;
using BuildRunner.Http;
using BuildRunner.Orchestration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.AspNetCore.Webhooks;

/// <summary>Receives webhooks. Checks their bytes, and then only uses them as a reason to poll.</summary>
internal sealed class WebhookEndpoint
{
    public const string RunnerParameter = "runner";

    // The maximum of GitHub and GitLab.
    public const long MaxBodySize = 25 * 1024 * 1024;

    // The time that GitHub and GitLab wait for the response.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly BodyBudget _budget = new();

    public async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var logger = services.GetRequiredService<ILogger<WebhookEndpoint>>();
        var runner = (string)context.GetRouteValue(RunnerParameter)!;
        if (WebhookRunners.Find(services, runner) is not { } reader)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (status, builds) = await ReadAsync(context, runner, reader, logger).ConfigureAwait(false);
        if (builds is not null)
        {
            status = await SignalAsync(services, runner, builds, logger).ConfigureAwait(false);
        }

        context.Response.StatusCode = status;
        switch (status)
        {
            case StatusCodes.Status503ServiceUnavailable:
                context.Response.Headers.RetryAfter = Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                break;
            case StatusCodes.Status408RequestTimeout or StatusCodes.Status413PayloadTooLarge
                when HttpProtocol.IsHttp11(context.Request.Protocol):
                // The server closes the connection, but does not announce it.
                context.Response.Headers.Connection = "close";
                break;
        }
    }

    private async Task<(int Status, IReadOnlyList<BuildId>? Builds)> ReadAsync(
        HttpContext context,
        string runner,
        IBuildWebhookReader reader,
        ILogger logger)
    {
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? MaxBodySize;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server && !(server.MaxRequestBodySize <= limit))
        {
            // The server waits for the rest of a body, unless it exceeds the server's own limit.
            server.MaxRequestBodySize = limit;
        }

        using WebhookBody body = new(_budget, limit);
        using CancellationTokenSource time = new(Patience, TimeOf(context.RequestServices));
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, context.RequestAborted);
        int? refusal;
        try
        {
            refusal = await body.ReadAsync(context.Request, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            refusal = StatusCodes.Status408RequestTimeout;
        }
        catch (BadHttpRequestException exception)
        {
            // The server also has limits.
            refusal = exception.StatusCode;
        }

        if (refusal == StatusCodes.Status503ServiceUnavailable)
        {
            Log.TooMany(logger, runner);
        }

        return refusal is { } status
            ? (status, null)
            : await CheckAsync(context, runner, reader, body.Content, logger, both.Token).ConfigureAwait(false);
    }

    private static async Task<(int Status, IReadOnlyList<BuildId>? Builds)> CheckAsync(
        HttpContext context,
        string runner,
        IBuildWebhookReader reader,
        ReadOnlyMemory<byte> body,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var headers = context.Request.Headers.ToDictionary(
            static header => header.Key,
            static header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        try
        {
            if (await reader.ReadWebhookAsync(headers, body, cancellationToken).ConfigureAwait(false) is { } builds)
            {
                return (StatusCodes.Status202Accepted, builds);
            }

            Log.NotAuthentic(logger, runner);
            return (StatusCodes.Status401Unauthorized, null);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            Log.NotRead(logger, runner, exception.GetType(), exception.StackTrace);
            return (StatusCodes.Status503ServiceUnavailable, null);
        }
    }

    // The sender may have disconnected by now, and will not send the webhook again.
    private static async Task<int> SignalAsync(IServiceProvider services, string runner, IReadOnlyList<BuildId> builds, ILogger logger)
    {
        var orchestrator = services.GetRequiredService<IBuildOrchestrator>();
        using CancellationTokenSource time = new(Patience, TimeOf(services));
        try
        {
            foreach (var build in builds.Distinct())
            {
                await orchestrator.SignalAsync(runner, build, time.Token).ConfigureAwait(false);
            }

            return StatusCodes.Status202Accepted;
        }
        catch (Exception exception)
        {
            Log.NotSaved(logger, runner, exception);
            return StatusCodes.Status503ServiceUnavailable;
        }
    }

    private static TimeProvider TimeOf(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
