using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests
{
    public static TheoryData<string, Action<GitHubActionsBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(GitHubActionsBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = null },
        { nameof(GitHubActionsBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = new Uri("ftp://api.github.test/") },
        { nameof(GitHubActionsBuildRunnerOptions.ApiUrl), static options =>
            options.ApiUrl = new Uri("https://user:password@api.github.test/") },
        { nameof(GitHubActionsBuildRunnerOptions.ApiVersion), static options => options.ApiVersion = "" },
        { nameof(GitHubActionsBuildRunnerOptions.Owner), static options => options.Owner = "acme/shop" },
        { nameof(GitHubActionsBuildRunnerOptions.Repository), static options => options.Repository = ".." },
        { nameof(GitHubActionsBuildRunnerOptions.Workflow), static options => options.Workflow = ".github/workflows/build.yml" },
        { nameof(GitHubActionsBuildRunnerOptions.Ref), static options => options.Ref = " " },
        { nameof(GitHubActionsBuildRunnerOptions.Token), static options => options.Token = null },
        { nameof(GitHubActionsBuildRunnerOptions.AppId), static options => options.AppId = "1" },
        { nameof(GitHubActionsBuildRunnerOptions.PrivateKey), static options =>
            (options.Token, options.AppId, options.InstallationId) = (null, "1", 2) },
        { nameof(GitHubActionsBuildRunnerOptions.InstallationId), static options =>
            (options.Token, options.AppId, options.PrivateKey) = (null, "1", static _ => new("")) },
        { nameof(GitHubActionsBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(GitHubActionsBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_is_named(string option, Action<GitHubActionsBuildRunnerOptions> mistake)
    {
        await using var provider = new ServiceCollection().AddGitHubActionsBuildRunner(options =>
        {
            Configure(options, "shop");
            mistake(options);
        }).BuildServiceProvider();

        var act = () => provider.GetRequiredService<IBuildRunner>();

        act.Should().ThrowExactly<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain(option);
    }

    [Fact]
    public async Task Options_are_read_from_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ApiUrl"] = "https://ghe.test/api/v3/",
            ["Owner"] = "acme",
            ["Repository"] = "shop",
            ["Workflow"] = "build.yml",
            ["Ref"] = "trunk",
            ["AppId"] = "Iv23",
            ["InstallationId"] = "31000000001",
            ["Changes"] = "Merged",
            ["Freshness"] = "00:00:03",
        }).Build();
        GitHubActionsBuildRunnerOptions options = new() { PrivateKey = static _ => new("") };

        configuration.Bind(options);

        options.Validate().Should().BeEmpty();
        (options.ApiUrl, options.Ref, options.InstallationId, options.Changes, options.Freshness)
            .Should().Be((new Uri("https://ghe.test/api/v3/"), "trunk", 31_000_000_001, ChangesForm.Merged, TimeSpan.FromSeconds(3)));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedGitHubActionsBuildRunner("one", static options => Configure(options, "one"))
            .AddKeyedGitHubActionsBuildRunner("two", static options => Configure(options, "two"))
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<GitHubActionsBuildRunner>("one"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
        provider.GetRequiredKeyedService<HttpBuildRunnerOptions>("one").Should().BeOfType<GitHubActionsBuildRunnerOptions>()
            .Which.Repository.Should().Be("one");
    }

    [Fact]
    public async Task The_runner_is_found_by_what_it_can()
    {
        await using GitHubSetup setup = new();
        IBuildRunner runner = setup.Runner;

        runner.As<IBuildFinder>().Should().BeSameAs(runner);
        runner.As<IBuildLogSource>().Should().BeSameAs(runner);
        runner.As<IBuildStatusReader>().Should().BeSameAs(runner);
        runner.As<IBuildWebhookReader>().Should().BeSameAs(runner);
    }

    private static void Configure(GitHubActionsBuildRunnerOptions options, string repository)
    {
        (options.Owner, options.Repository, options.Workflow) = ("acme", repository, "build.yml");
        options.Token = static _ => new("token");
    }
}
