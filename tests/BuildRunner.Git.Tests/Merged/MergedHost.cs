using BuildRunner.Git.Merged;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A process that has merged refs, as far as that can be in one process: with services and a state directory of its own.</summary>
internal sealed class MergedHost : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ServiceProvider _services;

    public MergedHost(MergedFixture fixture, IBuildRunner ci, Action<MergedRefsOptions>? configure, Action<IServiceCollection>? add)
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(fixture.Time);
        services.AddSingleton(ci);
        add?.Invoke(services);
        services.AddSingleton<MergedStepReached>(step => Reached(step));
        services.AddMergedRefs(options =>
        {
            options.Repository = fixture.Clone.Path;
            options.Remote = fixture.Origin.Path;
            options.TargetBranch = TestRepository.Main;
            options.RefPrefix = MergedFixture.Prefix;
            options.StateDirectory = _directory["state"];
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
    }

    /// <summary>Gets or sets the callback for each step.</summary>
    public Action<MergedStep> Reached { get; set; } = static _ => { };

    public string StateDirectory => _directory["state"];

    public IBuildRunner Runner => _services.GetRequiredService<IBuildRunner>();

    public IMergedRefs Merged => Runner.As<IMergedRefs>()!;

    public Task<BuildId> TriggerAsync(params Change[] head) => Runner.TriggerAsync([], head);

    public Task<BuildId> TriggerByKeyAsync(string key, params Change[] head) => Runner.TriggerAsync(new BuildRequest { Head = head, TriggerKey = key });

    /// <summary>Triggers a build on what is ahead of it.</summary>
    public Task<BuildId> TriggerOnAsync(Change[] @base, Change head) => Runner.TriggerAsync(@base, [head]);

    public Task<BuildSnapshot> StatusAsync(BuildId buildId) => Runner.StatusAsync(buildId);

    /// <summary>Does what a host does when it starts.</summary>
    public async Task StartAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }
}
