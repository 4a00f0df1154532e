using BuildRunner;
using BuildRunner.Buildbot;
using BuildRunner.Buildbot.Api;
using BuildRunner.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the registration of <see cref="BuildbotBuildRunner"/>.
/// </summary>
public static class BuildbotBuildRunnerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="BuildbotBuildRunner"/> as the <see cref="IBuildRunner"/>.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton, under its own type and under <see cref="IBuildRunner"/>. Uses the <see cref="TimeProvider"/> of the services, where there is one.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddBuildbotBuildRunner(this IServiceCollection services, Action<BuildbotBuildRunnerOptions> configure)
    {
        return services.AddHttpBuildRunner(serviceKey: null, configure, Create);
    }

    /// <summary>
    /// Adds a <see cref="BuildbotBuildRunner"/> as the <see cref="IBuildRunner"/> of a key.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="serviceKey">The key, which is the name of the options as well: a string that is not empty.</param>
    /// <param name="configure">Sets the options. They are validated when the host starts, or at the first use where there is no host.</param>
    /// <returns><paramref name="services"/>, so that calls can be chained.</returns>
    /// <remarks>A singleton per key, under its own type and under <see cref="IBuildRunner"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/>, <paramref name="serviceKey"/> or <paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="serviceKey"/> is empty.</exception>
    public static IServiceCollection AddKeyedBuildbotBuildRunner(this IServiceCollection services, string serviceKey, Action<BuildbotBuildRunnerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return services.AddHttpBuildRunner(serviceKey, configure, Create);
    }

    private static BuildbotBuildRunner Create(HttpBuildRunnerContext<BuildbotBuildRunnerOptions> context)
    {
        var options = context.Options;
        HttpBackendOptions settings = new() { Name = "buildbot", BaseAddress = options.Url!, IsOwnAnswer = BuildbotMaster.IsOwnAnswer, JudgeCreate = BuildbotMaster.Judge };
        HttpBackend? backend = null;
        if (options is { UserName: { } userName, Password: { } password })
        {
            BuildbotLogin login = new(context.CreateBackend(settings), userName, password);
            settings = settings with
            {
                Credentials = (_, token) => login.LogInAsync(backend!.Redactor, token),

                // The session has ended, or this user never had the permission; a new login tells.
                IsCredentialRefused = static reply => (int)reply.StatusCode is 401 or 403 && BuildbotMaster.IsOwnAnswer(reply),
            };
        }

        backend = context.CreateBackend(settings);
        return new BuildbotBuildRunner(new BuildbotMaster(backend, options), backend, options);
    }
}
