using System.Diagnostics.CodeAnalysis;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git;

/// <summary>Registers and resolves the services that every runner of this package needs.</summary>
internal static class SourceServices
{
    public static void AddSourceOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services,
        string name,
        Action<T> configure,
        Action<T> complete,
        IValidateOptions<T> validator)
        where T : class, ISourceOptions
    {
        services.TryAddSingleton<StateDirectories>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton(validator));
        services.AddOptions<T>(name).Configure(configure).PostConfigure(complete).ValidateOnStart();
    }

    /// <summary>Gets the options of a runner, and takes its state directory.</summary>
    /// <exception cref="InvalidOperationException">Another runner uses the directory.</exception>
    public static T GetSourceOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceProvider provider,
        string name,
        string owner)
        where T : class, ISourceOptions
    {
        var options = provider.GetRequiredService<IOptionsMonitor<T>>().Get(name);
        if (StateDirectory.TryFindPathOf(options) is { } directory)
        {
            provider.GetRequiredService<StateDirectories>().Take(directory, owner);
        }

        return options;
    }

    public static TimeProvider GetTimeProvider(this IServiceProvider provider) =>
        provider.GetService<TimeProvider>() ?? TimeProvider.System;

    public static ILogger GetLogger<T>(this IServiceProvider provider) =>
        new HarmlessLogger((provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<T>());
}
