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

        // Added to the program's own, so that what it has already, such as a factory of options, is not registered over it.
        var before = services.ToHashSet();
        addServices?.Invoke(services);
        var added = services.Where(service => !before.Contains(service) && !IsShared(service)).ToList();
        services.AddSingleton(new EngineRegistration(create, added));
        return builder;
    }

    // What all options of the program use stays when the database that asked for it first is replaced.
    private static bool IsShared(ServiceDescriptor service) =>
        service.ServiceType.Assembly == typeof(IOptions<>).Assembly && !service.ServiceType.IsConstructedGenericType;
}

/// <summary>Represents the registered engine of the queue, and the services to remove with it.</summary>
internal sealed record EngineRegistration(Func<IServiceProvider, IQueueEngine> Create, IReadOnlyList<ServiceDescriptor> Services);
