using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.GitLab.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests
{
    public static TheoryData<string, Action<GitLabBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = null },
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = new Uri("ftp://gitlab.test/") },
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = new Uri("https://user:password@gitlab.test/") },
        { nameof(GitLabBuildRunnerOptions.Project), static options => options.Project = "" },
        { nameof(GitLabBuildRunnerOptions.Project), static options => options.Project = "acme//shop" },
        { nameof(GitLabBuildRunnerOptions.Project), static options => options.Project = "acme/.." },
        { nameof(GitLabBuildRunnerOptions.Ref), static options => options.Ref = " " },
        { nameof(GitLabBuildRunnerOptions.Token), static options => options.Token = null },
        { nameof(GitLabBuildRunnerOptions.Token), static options =>
            (options.Token, options.TriggerToken) = (null, static _ => new("token")) },
        { nameof(GitLabBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(GitLabBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_is_named(string option, Action<GitLabBuildRunnerOptions> mistake)
    {
        await using var provider = new ServiceCollection().AddGitLabBuildRunner(options =>
        {
            Configure(options, "acme/shop");
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
            ["Url"] = "https://gitlab.test/ci",
            ["Project"] = "acme/tools/shop",
            ["Ref"] = "trunk",
            ["FailsWhenManual"] = "true",
            ["Changes"] = "Merged",
            ["Freshness"] = "00:00:03",
        }).Build();
        GitLabBuildRunnerOptions options = new() { Token = static _ => new("") };

        configuration.Bind(options);

        options.Validate().Should().BeEmpty();
        (options.Url, options.Project, options.Ref, options.FailsWhenManual, options.Changes, options.Freshness).Should().Be(
            (new Uri("https://gitlab.test/ci"), "acme/tools/shop", "trunk", true, ChangesForm.Merged, TimeSpan.FromSeconds(3)));
    }

    [Theory]
    [InlineData("https://gitlab.test", "/api/v4/projects/acme%2Fshop/pipeline")]
    [InlineData("https://gitlab.test/", "/api/v4/projects/acme%2Fshop/pipeline")]
    [InlineData("https://gitlab.test/ci/", "/ci/api/v4/projects/acme%2Fshop/pipeline")]
    public async Task The_address_of_the_API_is_below_that_of_the_server(string url, string path)
    {
        await using GitLabSetup setup = new(options => options.Url = new Uri(url));
        setup.GitLab.Fail(static _ => true, FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden")));

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitLabSetup.Request())).Should().ThrowAsync<BuildRunnerException>();

        setup.GitLab.Requests.Should().ContainSingle().Which.Path.Should().Be(path);
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedGitLabBuildRunner("one", static options => Configure(options, "one"))
            .AddKeyedGitLabBuildRunner("two", static options => Configure(options, "two"))
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<GitLabBuildRunner>("one"))
            .And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
        provider.GetRequiredKeyedService<HttpBuildRunnerOptions>("one").Should().BeOfType<GitLabBuildRunnerOptions>()
            .Which.Project.Should().Be("one");
    }

    [Fact]
    public async Task The_runner_is_found_by_what_it_can()
    {
        await using GitLabSetup setup = new();
        IBuildRunner runner = setup.Runner;

        runner.As<IBuildFinder>().Should().BeSameAs(runner);
        runner.As<IBuildLogSource>().Should().BeSameAs(runner);
        runner.As<IBuildStatusReader>().Should().BeSameAs(runner);
        runner.As<IBuildWebhookReader>().Should().BeSameAs(runner);
    }

    private static void Configure(GitLabBuildRunnerOptions options, string project)
    {
        options.Project = project;
        options.Token = static _ => new("token");
    }
}
