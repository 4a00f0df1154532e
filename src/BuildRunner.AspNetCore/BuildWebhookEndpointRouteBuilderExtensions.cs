using BuildRunner.AspNetCore.Webhooks;
using BuildRunner.Http;
using BuildRunner.Orchestration;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Provides the endpoint for webhooks of CI services.
/// </summary>
public static class BuildWebhookEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Adds an endpoint for the webhooks of each runner that is an <see cref="IBuildWebhookReader"/>: a <c>POST</c> to the pattern, a
    /// slash and the name of the runner. An authentic webhook has its builds polled soon, and nothing else of it is believed.
    /// </summary>
    /// <param name="endpoints">The routes to add to.</param>
    /// <param name="pattern">The address below which the runners are.</param>
    /// <returns>The endpoint, so that it can be restricted further, as to a host or a rate.</returns>
    /// <remarks>
    /// <para>The name of a runner is the key of its <see cref="BuildRunner.IBuildRunner"/>, as it is for the orchestration. A runner
    /// without a key has none.</para>
    /// <para>Answers 202 if the webhook is authentic, also where its build is of no interest; 401 if it is not; 404 if there is no such
    /// runner, or it reads no webhooks; 408 if the body does not come within ten seconds; 413 if it has more than 25 MiB, or than the
    /// <see cref="IRequestSizeLimitMetadata"/> of the endpoint says; 503 with <c>Retry-After</c> if too many bodies are being read, the
    /// runner cannot check the webhook, or the database does not save what follows from it. Answers have no body.</para>
    /// <para>Of bodies that are not authentic yet, no more than 100 MiB is kept in memory, or four times that size where it is more.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is <see
    /// langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">There is no orchestration in the services, or a runner for <see
    /// cref="KeyedService.AnyKey"/>.</exception>
    public static IEndpointConventionBuilder MapBuildWebhooks(this IEndpointRouteBuilder endpoints, string pattern = "/build-webhooks")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IBuildOrchestrator)) != true)
        {
            throw new InvalidOperationException(
                $"There is no {nameof(IBuildOrchestrator)} in the services; call AddBuildOrchestration before.");
        }

        if (WebhookRunners.AreEndless(endpoints.ServiceProvider))
        {
            throw new InvalidOperationException(
                $"There is a {nameof(BuildRunner.IBuildRunner)} for {nameof(KeyedService)}.{nameof(KeyedService.AnyKey)}, "
                + "of which strangers could have any number made; register runners by their names.");
        }

        WebhookEndpoint endpoint = new();
        return endpoints.MapPost($"{pattern.TrimEnd('/')}/{{{WebhookEndpoint.RunnerParameter}}}", endpoint.HandleAsync)
            .WithDisplayName("Webhooks of builds");
    }
}
