using Microsoft.Extensions.DependencyInjection;

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
