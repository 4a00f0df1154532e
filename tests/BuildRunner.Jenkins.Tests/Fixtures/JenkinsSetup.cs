using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests.Fixtures;

internal sealed class JenkinsSetup : FakeSetup<JenkinsBuildRunner, JenkinsBuildRunnerOptions>
{
    public const string Token = "11a-token-of-the-tests";

    public JenkinsSetup(Action<JenkinsBuildRunnerOptions>? configure = null, string job = "team/verify")
        : base(configure)
    {
        Jenkins = new FakeJenkins(Time) { Job = job };
        Jenkins.Tokens.Add(Token);
    }

    public FakeJenkins Jenkins { get; }

    public IReadOnlyList<string> Paths => [.. Jenkins.Requests.Select(static request => $"{request.Method} {request.Path}")];

    protected override HttpMessageHandler Transport => new FakeTransport(Jenkins);

    /// <summary>A build that was triggered a while ago, and runs unless its kind is another.</summary>
    public async Task<(BuildId BuildId, FakeBuild Build)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, Jenkins.BuildOf(buildId));
    }

    public int CountOf(string method, string end) => Jenkins.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    protected override void Register(IServiceCollection services, Action<JenkinsBuildRunnerOptions> configure) =>
        services.AddJenkinsBuildRunner(configure);

    protected override void Configure(JenkinsBuildRunnerOptions options)
    {
        (options.Url, options.Job, options.UserName) = (new Uri("https://ci.test/"), Jenkins.Job, FakeJenkins.UserName);
        options.ApiToken = static _ => new(Token);
    }
}
