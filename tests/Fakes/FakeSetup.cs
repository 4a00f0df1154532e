using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Fakes;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
internal abstract class FakeSetup<TRunner, TOptions>(Action<TOptions>? configure) : IAsyncDisposable
    where TRunner : class, IBuildRunner, IBuildStatusReader
    where TOptions : HttpBuildRunnerOptions
{
    private readonly List<ServiceProvider> _providers = [];

    public HastyTime Time { get; } = new();

    public TRunner Runner => field ??= CreateRunner();

    public IBuildStatusReader Reader => Runner;

    /// <summary>Gets the way to the fake.</summary>
    protected abstract HttpMessageHandler Transport { get; }

    public static BuildRequest Request(string kind = "RunsLong", string? key = null) =>
        new() { Head = [new Change($"test:{kind}/{Guid.NewGuid():N}")], TriggerKey = key };

    /// <summary>Another runner on the same service, as after a restart.</summary>
    public TRunner CreateRunner(Action<TOptions>? other = null)
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        Register(services, options =>
        {
            Configure(options);
            options.CreateHandler = () => Transport;
            (other ?? configure)?.Invoke(options);
        });
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<TRunner>();
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    protected abstract void Register(IServiceCollection services, Action<TOptions> configure);

    /// <summary>Sets what the service needs.</summary>
    protected abstract void Configure(TOptions options);
}
