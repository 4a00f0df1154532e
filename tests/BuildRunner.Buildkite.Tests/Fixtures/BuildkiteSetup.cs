using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildkite.Tests.Fixtures;

internal sealed class BuildkiteSetup : FakeSetup<BuildkiteBuildRunner, BuildkiteBuildRunnerOptions>
{
    public const string Token = "bkua_a-token-of-the-tests";

    public static readonly string[] Scopes = ["read_builds", "write_builds", "read_build_logs"];

    public BuildkiteSetup(Action<BuildkiteBuildRunnerOptions>? configure = null)
        : base(configure)
    {
        Buildkite = new FakeBuildkite(Time) { Limits = (100_000, 100_000) };
        Buildkite.Tokens[Token] = Scopes;
    }

    public FakeBuildkite Buildkite { get; }

    protected override HttpMessageHandler Transport => new FakeTransport(Buildkite, overlaps: true);

    /// <summary>A build that was triggered a while ago.</summary>
    public async Task<(BuildId BuildId, FakeBuild Build)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, Buildkite.BuildOf(buildId));
    }

    /// <summary>Counts the requests whose method and address, without what precedes the builds, begin so.</summary>
    public int CountOf(string start) => Buildkite.Requests
        .Select(request => $"{request.Method} {request.Address.PathAndQuery.Split($"/{Buildkite.Pipeline}/")[^1]}")
        .Count(request => request.StartsWith(start, StringComparison.Ordinal));

    protected override void Register(IServiceCollection services, Action<BuildkiteBuildRunnerOptions> configure) =>
        services.AddBuildkiteBuildRunner(configure);

    protected override void Configure(BuildkiteBuildRunnerOptions options)
    {
        options.ApiUrl = new Uri("https://api.buildkite.test/v2");
        (options.Organization, options.Pipeline) = (Buildkite.Organization, Buildkite.Pipeline);
        options.Token = static _ => new(Token);
    }
}
