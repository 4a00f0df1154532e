namespace BuildRunner.Queue.Hosting;

internal sealed record ConsumerRegistration(string Topic, Type HandlerType, Func<IServiceProvider, IMessageHandler> Resolve)
{
    public static ConsumerRegistration Of<THandler>(string topic)
        where THandler : class, IMessageHandler => new(topic, typeof(THandler), static provider => provider.GetRequiredService<THandler>());
}
