using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests : RegistrationTests<BuildkiteBuildRunner, BuildkiteBuildRunnerOptions>
{
    public static TheoryData<string, Action<BuildkiteBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = null },
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = new Uri("ftp://api.buildkite.test/v2/") },
        { nameof(BuildkiteBuildRunnerOptions.ApiUrl), static options => options.ApiUrl = new Uri("https://user:secret@buildkite.test/") },
        { nameof(BuildkiteBuildRunnerOptions.Organization), static options => options.Organization = "" },
        { nameof(BuildkiteBuildRunnerOptions.Organization), static options => options.Organization = "acme/verify" },
        { nameof(BuildkiteBuildRunnerOptions.Organization), static options => options.Organization = null! },
        { nameof(BuildkiteBuildRunnerOptions.Pipeline), static options => options.Pipeline = null! },
        { nameof(BuildkiteBuildRunnerOptions.Pipeline), static options => options.Pipeline = ".." },
        { nameof(BuildkiteBuildRunnerOptions.Pipeline), static options => options.Pipeline = "My pipeline" },
        { nameof(BuildkiteBuildRunnerOptions.Branch), static options => options.Branch = " " },
        { nameof(BuildkiteBuildRunnerOptions.Token), static options => options.Token = null },
        { nameof(BuildkiteBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(BuildkiteBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_in_the_options_is_named(string option, Action<BuildkiteBuildRunnerOptions> mistake) =>
        VerifyAsync(option, mistake);

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

    protected override void Add(IServiceCollection services, string? key, Action<BuildkiteBuildRunnerOptions> configure)
    {
        void ConfigureAll(BuildkiteBuildRunnerOptions options)
        {
            Configure(options, key ?? "verify");
            configure(options);
        }

        _ = key is null ? services.AddBuildkiteBuildRunner(ConfigureAll) : services.AddKeyedBuildkiteBuildRunner(key, ConfigureAll);
    }

    protected override string NameOf(BuildkiteBuildRunnerOptions options) => options.Pipeline;

    private static void Configure(BuildkiteBuildRunnerOptions options, string pipeline)
    {
        (options.Organization, options.Pipeline) = ("acme", pipeline);
        options.Token = static _ => new("token");
    }
}
