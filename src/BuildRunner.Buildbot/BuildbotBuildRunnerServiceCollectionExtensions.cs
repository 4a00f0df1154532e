using BuildRunner;
using BuildRunner.Buildbot;
using BuildRunner.Buildbot.Api;
using BuildRunner.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that register a <see cref="BuildbotBuildRunner"/>.</summary>
public static class BuildbotBuildRunnerServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="BuildbotBuildRunner"/> as the <see cref="IBuildRunner"/>.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>The runner is a singleton, also available by its own type. It uses the registered <see cref="TimeProvider"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is
    /// <see langword="null"/>.</exception>
    public static IServiceCollection AddBuildbotBuildRunner(
        this IServiceCollection services, Action<BuildbotBuildRunnerOptions> configure) =>
        services.AddHttpBuildRunner(serviceKey: null, configure, Create);

    /// <summary>Adds a <see cref="BuildbotBuildRunner"/> as the keyed <see cref="IBuildRunner"/>.</summary>
    /// <param name="services">The <see cref="IServiceCollection"/> to add the runner to.</param>
    /// <param name="serviceKey">The key, not empty. It is also the name of the options.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or on first use if there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>The runner is a singleton per key, also available by its own type.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/>
    /// is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedBuildbotBuildRunner(
        this IServiceCollection services, string serviceKey, Action<BuildbotBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return services.AddHttpBuildRunner(serviceKey, configure, Create);
    }

    private static BuildbotBuildRunner Create(HttpBuildRunnerContext<BuildbotBuildRunnerOptions> context)
    {
        var options = context.Options;
        HttpBackendOptions settings = new() { Name = "buildbot", BaseAddress = options.Url! };
        settings = settings with { IsOwnAnswer = BuildbotMaster.IsOwnAnswer, JudgeCreate = BuildbotMaster.Judge };
        HttpBackend? backend = null;
        if (options is { UserName: { } userName, Password: { } password })
        {
            BuildbotLogin login = new(context.CreateBackend(settings), userName, password);
            settings = settings with
            {
                Credentials = (_, token) => login.LogInAsync(backend!.Redactor, token),

                // The session has expired, or the user lacks a permission; a new login tells.
                IsCredentialRefused = static reply => (int)reply.StatusCode is 401 or 403 && BuildbotMaster.IsOwnAnswer(reply),
            };
        }

        backend = context.CreateBackend(settings);
        return new BuildbotBuildRunner(new BuildbotMaster(backend, options), backend, options);
    }
}
