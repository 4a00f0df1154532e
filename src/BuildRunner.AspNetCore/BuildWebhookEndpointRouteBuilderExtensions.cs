using BuildRunner.AspNetCore.Webhooks;
using BuildRunner.Http;
using BuildRunner.Orchestration;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Provides extension methods for receiving the webhooks of CI services.
/// </summary>
public static class BuildWebhookEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Adds an endpoint for the webhooks of each runner that is an <see cref="IBuildWebhookReader"/>: a <c>POST</c> to the pattern, a slash
    /// and the name of the runner. An authentic webhook makes the orchestration poll its builds soon; nothing else in it is trusted.
    /// </summary>
    /// <param name="endpoints">The <see cref="IEndpointRouteBuilder"/> to add to.</param>
    /// <param name="pattern">The path that precedes the names of the runners.</param>
    /// <returns>The endpoint, for further conventions such as a required host or a rate limit.</returns>
    /// <remarks>
    /// <para>
    /// The name of a runner is the key of its <see cref="BuildRunner.IBuildRunner"/>, as it is in the orchestration. A runner without a key
    /// receives no webhooks.
    /// </para>
    /// <para>
    /// The status of the response, which has no body, is:
    /// </para>
    /// <list type="bullet">
    /// <item><description>202 if the webhook is authentic, even if its build is unknown.</description></item>
    /// <item><description>401 if it is not authentic.</description></item>
    /// <item><description>404 if the runner does not exist or reads no webhooks.</description></item>
    /// <item><description>408 if the body does not arrive within ten seconds.</description></item>
    /// <item><description>413 if the body exceeds 25 MiB, or the <see cref="IRequestSizeLimitMetadata"/> of the
    /// endpoint.</description></item>
    /// <item><description>503 with <c>Retry-After</c> if too many bodies are being read, the runner cannot check the webhook, or the
    /// database cannot save the signal.</description></item>
    /// </list>
    /// <para>
    /// Bodies that have not been found authentic yet take at most 100 MiB of memory, or four times the limit if that is more.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The services contain no orchestration, or a runner for
    /// <see cref="KeyedService.AnyKey"/>.</exception>
    public static IEndpointConventionBuilder MapBuildWebhooks(this IEndpointRouteBuilder endpoints, string pattern = "/build-webhooks")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IBuildOrchestrator)) != true)
        {
            throw new InvalidOperationException(
                $"The services contain no {nameof(IBuildOrchestrator)}; call AddBuildOrchestration first.");
        }

        if (WebhookRunners.AreEndless(endpoints.ServiceProvider))
        {
            throw new InvalidOperationException(
                $"The services contain an {nameof(BuildRunner.IBuildRunner)} for {nameof(KeyedService)}.{nameof(KeyedService.AnyKey)}, "
                + "so strangers could create any number of runners; register runners by their names.");
        }

        WebhookEndpoint endpoint = new();
        return endpoints.MapPost($"{pattern.TrimEnd('/')}/{{{WebhookEndpoint.RunnerParameter}}}", endpoint.HandleAsync)
            .WithDisplayName("Webhooks of builds");
    }
}
