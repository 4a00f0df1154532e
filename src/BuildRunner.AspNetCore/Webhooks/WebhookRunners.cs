using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.AspNetCore.Webhooks;

internal static class WebhookRunners
{
    private static readonly Type Runner = typeof(IBuildRunner);

    /// <summary>Says whether each key has a runner, so that strangers could have any number of them made.</summary>
    public static bool AreEndless(IServiceProvider services) =>
        services.GetRequiredService<IServiceProviderIsKeyedService>().IsKeyedService(Runner, new object());

    /// <summary>Finds what reads the webhooks of a runner.</summary>
    public static IBuildWebhookReader? Find(IServiceProvider services, string runner)
    {
        // The services keep something of each key that they are asked for, and strangers choose the key.
        return services.GetRequiredService<IServiceProviderIsKeyedService>().IsKeyedService(Runner, runner)
            ? services.GetRequiredKeyedService<IBuildRunner>(runner).As<IBuildWebhookReader>()
            : null;
    }
}
