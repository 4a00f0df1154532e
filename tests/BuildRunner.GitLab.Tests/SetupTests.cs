using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests : RegistrationTests<GitLabBuildRunner, GitLabBuildRunnerOptions>
{
    public static TheoryData<string, Action<GitLabBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = null },
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = new Uri("ftp://gitlab.test/") },
        { nameof(GitLabBuildRunnerOptions.Url), static options => options.Url = new Uri("https://user:password@gitlab.test/") },
        { nameof(GitLabBuildRunnerOptions.Project), static options => options.Project = "" },
        { nameof(GitLabBuildRunnerOptions.Project), static options => options.Project = null! },
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
    public Task A_mistake_in_the_options_is_named(string option, Action<GitLabBuildRunnerOptions> mistake) => VerifyAsync(option, mistake);

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

    protected override void Add(IServiceCollection services, string? key, Action<GitLabBuildRunnerOptions> configure)
    {
        void ConfigureAll(GitLabBuildRunnerOptions options)
        {
            Configure(options, key ?? "acme/shop");
            configure(options);
        }

        _ = key is null ? services.AddGitLabBuildRunner(ConfigureAll) : services.AddKeyedGitLabBuildRunner(key, ConfigureAll);
    }

    protected override string NameOf(GitLabBuildRunnerOptions options) => options.Project;

    private static void Configure(GitLabBuildRunnerOptions options, string project)
    {
        options.Project = project;
        options.Token = static _ => new("token");
    }
}
