using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests : RegistrationTests<GitHubActionsBuildRunner, GitHubActionsBuildRunnerOptions>
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
    public Task A_mistake_in_the_options_is_named(string option, Action<GitHubActionsBuildRunnerOptions> mistake) =>
        VerifyAsync(option, mistake);

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

    protected override void Add(IServiceCollection services, string? key, Action<GitHubActionsBuildRunnerOptions> configure)
    {
        void ConfigureAll(GitHubActionsBuildRunnerOptions options)
        {
            Configure(options, key ?? "shop");
            configure(options);
        }

        _ = key is null ? services.AddGitHubActionsBuildRunner(ConfigureAll) : services.AddKeyedGitHubActionsBuildRunner(key, ConfigureAll);
    }

    protected override string NameOf(GitHubActionsBuildRunnerOptions options) => options.Repository;

    private static void Configure(GitHubActionsBuildRunnerOptions options, string repository)
    {
        (options.Owner, options.Repository, options.Workflow) = ("acme", repository, "build.yml");
        options.Token = static _ => new("token");
    }
}
