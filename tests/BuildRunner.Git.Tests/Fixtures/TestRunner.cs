using BuildRunner.Git.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A git runner on a repository, made by its registration, with a state directory of its own.</summary>
internal sealed class TestRunner : IAsyncDisposable
{
    private static readonly BuildWaitOptions Impatient = new() { TimeProvider = new ImpatientTimeProvider() };

    private readonly TempDirectory _directory = new();
    private readonly ServiceProvider _services;

    public TestRunner(TestRepository repository, Action<GitBuildRunnerOptions>? configure = null, TimeProvider? timeProvider = null, StepReached? reached = null, ILoggerFactory? loggers = null)
    {
        ServiceCollection services = new();
        if (timeProvider is not null)
        {
            services.AddSingleton(timeProvider);
        }

        if (reached is not null)
        {
            services.AddSingleton(reached);
        }

        if (loggers is not null)
        {
            services.AddSingleton(loggers);
        }

        services.AddGitBuildRunner(options =>
        {
            options.Repository = repository.Path;
            options.TargetBranch = TestRepository.Main;
            options.Command = ["true"];
            options.StateDirectory = _directory["state"];
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
    }

    /// <summary>Does what a host does when it starts.</summary>
    public async Task StartAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Does what a host does when it stops.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    public GitBuildRunner Runner => _services.GetRequiredService<GitBuildRunner>();

    public string StateDirectory => _services.GetRequiredService<IOptions<GitBuildRunnerOptions>>().Value.StateDirectory!;

    /// <summary>Makes the change of a commit in the repository that the runner builds.</summary>
    public static Change ChangeOf(string commitId) => GitChange.Create("localhost", "repository", "refs/heads/any", commitId);

    public Task<BuildId> TriggerAsync(params string[] head) => TriggerAsync([], head);

    public Task<BuildId> TriggerAsync(string[] @base, string[] head) =>
        Runner.TriggerAsync([.. @base.Select(ChangeOf)], [.. head.Select(ChangeOf)]);

    public Task<BuildId> TriggerByKeyAsync(string key, params string[] head) =>
        Runner.TriggerAsync(new BuildRequest { Head = [.. head.Select(ChangeOf)], TriggerKey = key });

    public Task<BuildSnapshot> WaitAsync(BuildId buildId) =>
        Runner.WaitForCompletionAsync(buildId, Impatient, TestContext.Current.CancellationToken);

    /// <summary>Waits until a build is in a state.</summary>
    public async Task WaitForAsync(BuildId buildId, BuildStatus status)
    {
        await foreach (var snapshot in Runner.WatchAsync(buildId, Impatient, TestContext.Current.CancellationToken))
        {
            if (snapshot.Status == status)
            {
                return;
            }
        }

        Assert.Fail($"The build ended without having been {status}.");
    }

    public Task<FinishedBuild> BuildAsync(params string[] head) => BuildAsync([], head);

    /// <summary>Triggers a build and waits for its end.</summary>
    public async Task<FinishedBuild> BuildAsync(string[] @base, string[] head) => await FinishAsync(await TriggerAsync(@base, head));

    public async Task<FinishedBuild> FinishAsync(BuildId buildId)
    {
        var snapshot = await WaitAsync(buildId);
        return new FinishedBuild(buildId, snapshot, await ReadLogAsync(buildId));
    }

    public async Task<string> ReadLogAsync(BuildId buildId)
    {
        using var reader = new StreamReader(await Runner.OpenLogAsync(buildId));
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }
}
