using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Jenkins.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests
{
    public static TheoryData<string, Action<JenkinsBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = null },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("ftp://ci.test/") },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("https://user:token@ci.test/") },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("https://ci.test/?x=1") },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "/verify" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "team//verify" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "team/../verify" },
        { nameof(JenkinsBuildRunnerOptions.UserName), static options => options.UserName = " " },
        { nameof(JenkinsBuildRunnerOptions.UserName), static options => options.UserName = "queue:token" },
        { nameof(JenkinsBuildRunnerOptions.ApiToken), static options => options.ApiToken = null },
        { nameof(JenkinsBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(JenkinsBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_is_named(string option, Action<JenkinsBuildRunnerOptions> mistake)
    {
        await using var provider = new ServiceCollection().AddJenkinsBuildRunner(options =>
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
            ["Url"] = "https://ci.test/jenkins/",
            ["Job"] = "team/verify",
            ["UserName"] = "queue",
            ["UnstableSucceeds"] = "true",
            ["Changes"] = "Merged",
            ["Freshness"] = "00:00:03",
        }).Build();
        JenkinsBuildRunnerOptions options = new() { ApiToken = static _ => new("") };

        configuration.Bind(options);

        options.Validate().Should().BeEmpty();
        (options.Url, options.Job, options.UserName, options.UnstableSucceeds, options.Changes, options.Freshness).Should()
            .Be((new Uri("https://ci.test/jenkins/"), "team/verify", "queue", true, ChangesForm.Merged, TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedJenkinsBuildRunner("one", static options => Configure(options, "one"))
            .AddKeyedJenkinsBuildRunner("two", static options => Configure(options, "two"))
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<JenkinsBuildRunner>("one"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
        provider.GetRequiredKeyedService<HttpBuildRunnerOptions>("one").Should().BeOfType<JenkinsBuildRunnerOptions>()
            .Which.Job.Should().Be("one");
    }

    [Fact]
    public async Task The_runner_is_found_by_what_it_can()
    {
        await using JenkinsSetup setup = new();
        IBuildRunner runner = setup.Runner;

        runner.As<IBuildFinder>().Should().BeSameAs(runner);
        runner.As<IBuildLogSource>().Should().BeSameAs(runner);
        runner.As<IBuildStatusReader>().Should().BeSameAs(runner);
        runner.As<IBuildWebhookReader>().Should().BeNull("Jenkins sends none");
    }

    private static void Configure(JenkinsBuildRunnerOptions options, string job)
    {
        (options.Url, options.Job, options.UserName) = (new Uri("https://ci.test/"), job, "queue");
        options.ApiToken = static _ => new("token");
    }
}
