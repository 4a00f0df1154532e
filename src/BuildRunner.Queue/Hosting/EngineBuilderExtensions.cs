using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Queue.Hosting;

internal static class EngineBuilderExtensions
{
    /// <summary>Replaces the engine and all services registered with it. So a test can replace a database with invalid options.</summary>
    public static TBuilder UseEngine<TBuilder>(
        this TBuilder builder,
        Func<IServiceProvider, IQueueEngine> create,
        Action<IServiceCollection>? addServices = null)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        foreach (var known in services.Where(static service => service.ServiceType == typeof(EngineRegistration)).ToList())
        {
            foreach (var service in ((EngineRegistration)known.ImplementationInstance!).Services.Append(known))
            {
                services.Remove(service);
            }
        }

        ServiceCollection added = [];
        addServices?.Invoke(added);
        foreach (var service in added)
        {
            services.Add(service);
        }

        services.AddSingleton(new EngineRegistration(create, [.. added]));
        return builder;
    }
}
