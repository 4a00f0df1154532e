using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests
{
    public static TheoryData<string, Action<BuildkiteBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = null },
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = new Uri("ftp://api.buildkite.test/v2/") },
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = new Uri("https://user:secret@buildkite.test/") },
        { nameof(BuildkiteBuildRunnerOptions.Organization), static options => options.Organization = "" },
        { nameof(BuildkiteBuildRunnerOptions.Organization), static options => options.Organization = "acme/verify" },
        { nameof(BuildkiteBuildRunnerOptions.Pipeline), static options => options.Pipeline = ".." },
        { nameof(BuildkiteBuildRunnerOptions.Pipeline), static options => options.Pipeline = "My pipeline" },
        { nameof(BuildkiteBuildRunnerOptions.Branch), static options => options.Branch = " " },
        { nameof(BuildkiteBuildRunnerOptions.Token), static options => options.Token = null },
        { nameof(BuildkiteBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(BuildkiteBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_is_named(string option, Action<BuildkiteBuildRunnerOptions> mistake)
    {
        await using var provider = new ServiceCollection().AddBuildkiteBuildRunner(options =>
        {
            Configure(options, "verify");
            mistake(options);
        }).BuildServiceProvider();

        var act = () => provider.GetRequiredService<IBuildRunner>();

        act.Should().ThrowExactly<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain(option);
    }

    [Fact]
    public void Options_are_read_from_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ApiUrl"] = "https://proxy.test/v2/",
            ["Organization"] = "acme",
            ["Pipeline"] = "verify",
            ["Branch"] = "trunk",
            ["FailsBlockedBuilds"] = "true",
            ["Changes"] = "Merged",
            ["Freshness"] = "00:00:03",
        }).Build();
        BuildkiteBuildRunnerOptions options = new() { Token = static _ => new("") };

        configuration.Bind(options);

        options.Validate().Should().BeEmpty();
        (options.ApiUrl, options.Branch, options.FailsBlockedBuilds, options.Changes, options.Freshness)
            .Should().Be((new Uri("https://proxy.test/v2/"), "trunk", true, ChangesForm.Merged, TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedBuildkiteBuildRunner("one", static options => Configure(options, "one"))
            .AddKeyedBuildkiteBuildRunner("two", static options => Configure(options, "two"))
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<BuildkiteBuildRunner>("one"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
        provider.GetRequiredKeyedService<HttpBuildRunnerOptions>("one").Should().BeOfType<BuildkiteBuildRunnerOptions>()
            .Which.Pipeline.Should().Be("one");
    }

    [Fact]
    public async Task The_runner_is_found_by_what_it_can()
    {
        await using BuildkiteSetup setup = new();
        IBuildRunner runner = setup.Runner;

        runner.As<IBuildFinder>().Should().BeSameAs(runner);
        runner.As<IBuildLogSource>().Should().BeSameAs(runner);
        runner.As<IBuildStatusReader>().Should().BeSameAs(runner);
        runner.As<IBuildWebhookReader>().Should().BeSameAs(runner);
    }

    private static void Configure(BuildkiteBuildRunnerOptions options, string pipeline)
    {
        (options.Organization, options.Pipeline) = ("acme", pipeline);
        options.Token = static _ => new("token");
    }
}
