using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Git.Tests.Registration;

public sealed class RegistrationTests
{
    [Fact]
    public async Task The_runner_is_one_instance_under_its_own_type_and_under_the_interface()
    {
        await using var provider = new ServiceCollection().AddGitBuildRunner(Configure).BuildServiceProvider();

        var runner = provider.GetRequiredService<IBuildRunner>();

        runner.Should().BeOfType<GitBuildRunner>();
        provider.GetRequiredService<GitBuildRunner>().Should().BeSameAs(runner);
        provider.GetRequiredService<IBuildRunner>().Should().BeSameAs(runner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_wins_over_the_noop_whichever_is_added_first(bool noopFirst)
    {
        ServiceCollection services = new();
        _ = noopFirst ? services.AddNoopBuildRunner().AddGitBuildRunner(Configure) : services.AddGitBuildRunner(Configure).AddNoopBuildRunner();
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IBuildRunner>().Should().BeOfType<GitBuildRunner>();
    }

    [Fact]
    public async Task Keys_have_runners_of_their_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedGitBuildRunner("one", Configure)
            .AddKeyedGitBuildRunner("two", Configure)
            .AddKeyedNoopBuildRunner("one")
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");
        var two = provider.GetRequiredKeyedService<IBuildRunner>("two");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<GitBuildRunner>("one"));
        two.Should().BeOfType<GitBuildRunner>().And.NotBeSameAs(one);
        provider.GetService<IBuildRunner>().Should().BeNull();
    }

    [Theory]
    [InlineData("", "one")]
    [InlineData("one", "two")]
    public async Task Two_on_one_state_directory_are_refused(string first, string second)
    {
        ServiceCollection services = new();
        foreach (var key in new[] { first, second })
        {
            _ = key.Length == 0 ? services.AddGitBuildRunner(ConfigureShared) : services.AddKeyedGitBuildRunner(key, ConfigureShared);
        }

        await using var provider = services.BuildServiceProvider();
        var resolve = () => provider.GetServices<IHostedService>().ToList();

        resolve.Should().Throw<InvalidOperationException>().WithMessage("*same state directory*StateDirectory*");

        static void ConfigureShared(GitBuildRunnerOptions options)
        {
            Configure(options);
            options.StateDirectory = "/shared";
        }
    }

    [TimedFact]
    public async Task Each_key_has_options_of_its_own()
    {
        using var repository = await TestRepository.CreateAsync();
        using TempDirectory states = new();
        await using var provider = new ServiceCollection()
            .AddKeyedGitBuildRunner("passes", options => ConfigureFor(options, repository, states["passes"], "true"))
            .AddKeyedGitBuildRunner("fails", options => ConfigureFor(options, repository, states["fails"], "false"))
            .BuildServiceProvider();

        var passes = await BuildAsync(provider.GetRequiredKeyedService<IBuildRunner>("passes"));
        var fails = await BuildAsync(provider.GetRequiredKeyedService<IBuildRunner>("fails"));

        passes.Should().Be(BuildStatus.Succeeded);
        fails.Should().Be(BuildStatus.Failed);
    }

    [TimedFact]
    public async Task Each_runner_has_a_service_of_the_host_that_takes_up_what_waits()
    {
        using var repository = await TestRepository.CreateAsync();
        using TempDirectory states = new();
        ServiceProvider CreateProvider() => new ServiceCollection()
            .AddKeyedGitBuildRunner("one", options => ConfigureFor(options, repository, states["one"], "true"))
            .AddKeyedGitBuildRunner("two", options => ConfigureFor(options, repository, states["two"], "true"))
            .AddGitBuildRunner(options => ConfigureFor(options, repository, states["none"], "true"))
            .BuildServiceProvider();
        IBuildRunner[] RunnersOf(IServiceProvider provider) =>
            [provider.GetRequiredKeyedService<IBuildRunner>("one"), provider.GetRequiredKeyedService<IBuildRunner>("two"), provider.GetRequiredService<IBuildRunner>()];
        List<BuildId> ids = [];
        await using (var before = CreateProvider())
        {
            foreach (var (runner, service) in RunnersOf(before).Zip(before.GetServices<IHostedService>()))
            {
                // A host that has stopped runs nothing any more, and takes what is triggered.
                await service.StartAsync(CancellationToken.None);
                await service.StopAsync(CancellationToken.None);
                ids.Add(await runner.TriggerAsync([], []));
            }
        }

        await using var after = CreateProvider();
        foreach (var service in after.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        var ends = await Task.WhenAll(RunnersOf(after).Zip(ids, static (runner, id) => runner.WaitForCompletionAsync(
            id, new BuildWaitOptions { TimeProvider = new ImpatientTimeProvider() }, TestContext.Current.CancellationToken)));

        ends.Should().HaveCount(3).And.OnlyContain(static end => end.Status == BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_host_does_not_start_where_the_runner_cannot()
    {
        using TempDirectory states = new();
        await using var provider = new ServiceCollection()
            .AddGitBuildRunner(Configure)
            .Configure<GitBuildRunnerOptions>(options => options.StateDirectory = states["state"])
            .BuildServiceProvider();
        var service = provider.GetRequiredService<IHostedService>();

        var start = () => service.StartAsync(CancellationToken.None);

        await start.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Fact]
    public void A_null_argument_is_refused()
    {
        ServiceCollection services = new();
        Action[] calls =
        [
            () => GitBuildRunnerServiceCollectionExtensions.AddGitBuildRunner(null!, Configure),
            () => services.AddGitBuildRunner(null!),
            () => GitBuildRunnerServiceCollectionExtensions.AddKeyedGitBuildRunner(null!, "key", Configure),
            () => services.AddKeyedGitBuildRunner(null!, Configure),
            () => services.AddKeyedGitBuildRunner("key", null!),
        ];

        foreach (var call in calls)
        {
            call.Should().Throw<ArgumentNullException>();
        }

        services.Should().BeEmpty();
    }

    [Fact]
    public void An_empty_key_is_refused()
    {
        ServiceCollection services = new();

        var add = () => services.AddKeyedGitBuildRunner("", Configure);

        add.Should().ThrowExactly<ArgumentException>();
        services.Should().BeEmpty();
    }

    private static void Configure(GitBuildRunnerOptions options)
    {
        options.Repository = "/anywhere";
        options.TargetBranch = "main";
        options.Command = ["true"];
    }

    private static void ConfigureFor(GitBuildRunnerOptions options, TestRepository repository, string state, string command)
    {
        options.Repository = repository.Path;
        options.TargetBranch = TestRepository.Main;
        options.StateDirectory = state;
        options.Command = [command];
    }

    private static async Task<BuildStatus> BuildAsync(IBuildRunner runner) => (await runner.WaitForCompletionAsync(
        await runner.TriggerAsync([], []), new BuildWaitOptions { TimeProvider = new ImpatientTimeProvider() }, TestContext.Current.CancellationToken)).Status;
}
