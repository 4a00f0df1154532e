using BuildRunner.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests;

/// <summary>The registration and its options.</summary>
public sealed class SetupTests : RegistrationTests<JenkinsBuildRunner, JenkinsBuildRunnerOptions>
{
    public static TheoryData<string, Action<JenkinsBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = null },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("ftp://ci.test/") },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("https://user:token@ci.test/") },
        { nameof(JenkinsBuildRunnerOptions.Url), static options => options.Url = new Uri("https://ci.test/?x=1") },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = null! },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "/verify" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "team//verify" },
        { nameof(JenkinsBuildRunnerOptions.Job), static options => options.Job = "team/../verify" },
        { nameof(JenkinsBuildRunnerOptions.UserName), static options => options.UserName = null! },
        { nameof(JenkinsBuildRunnerOptions.UserName), static options => options.UserName = " " },
        { nameof(JenkinsBuildRunnerOptions.UserName), static options => options.UserName = "queue:token" },
        { nameof(JenkinsBuildRunnerOptions.ApiToken), static options => options.ApiToken = null },
        { nameof(JenkinsBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(JenkinsBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_in_the_options_is_named(string option, Action<JenkinsBuildRunnerOptions> mistake) => VerifyAsync(option, mistake);

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

    protected override bool ReadsWebhooks => false;

    protected override void Add(IServiceCollection services, string? key, Action<JenkinsBuildRunnerOptions> configure)
    {
        void ConfigureAll(JenkinsBuildRunnerOptions options)
        {
            Configure(options, key ?? "verify");
            configure(options);
        }

        _ = key is null ? services.AddJenkinsBuildRunner(ConfigureAll) : services.AddKeyedJenkinsBuildRunner(key, ConfigureAll);
    }

    protected override string NameOf(JenkinsBuildRunnerOptions options) => options.Job;

    private static void Configure(JenkinsBuildRunnerOptions options, string job)
    {
        (options.Url, options.Job, options.UserName) = (new Uri("https://ci.test/"), job, "queue");
        options.ApiToken = static _ => new("token");
    }
}
