using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.AspNetCore.Webhooks;

internal static class WebhookRunners
{
    private static readonly Type Runner = typeof(IBuildRunner);

    /// <summary>Determines whether every key has a runner, so that strangers could create any number of them.</summary>
    public static bool AreEndless(IServiceProvider services) =>
        services.GetRequiredService<IServiceProviderIsKeyedService>().IsKeyedService(Runner, new object());

    /// <summary>Finds the webhook reader of a runner.</summary>
    public static IBuildWebhookReader? Find(IServiceProvider services, string runner)
    {
        // The container keeps an entry for each key that it is asked for, and strangers choose the key.
        return services.GetRequiredService<IServiceProviderIsKeyedService>().IsKeyedService(Runner, runner)
            ? services.GetRequiredKeyedService<IBuildRunner>(runner).As<IBuildWebhookReader>()
            : null;
    }
}
