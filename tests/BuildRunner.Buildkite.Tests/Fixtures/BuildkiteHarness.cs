using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildkite.Tests.Fixtures;

internal sealed class BuildkiteHarness(FakeBuildkite buildkite, FakeTimeProvider time, HttpMessageHandler transport, Uri address)
    : FakeHarness(time, transport)
{
    public override BuildId UnknownBuildId => new($"{buildkite.Pipeline}/999999");

    public override IReadOnlyList<string> Secrets => [.. buildkite.Tokens.Keys];

    protected override int Builds => buildkite.Builds.Count;

    protected override void Register(IServiceCollection services) => services.AddBuildkiteBuildRunner(options =>
    {
        options.ApiUrl = address;
        (options.Organization, options.Pipeline) = (buildkite.Organization, buildkite.Pipeline);
        options.Token = static _ => new(BuildkiteSetup.Token);
    });

    protected override BuildRequest RequestOf(BuildId buildId) => buildkite.BuildOf(buildId).Request!;

    protected override void Ponder(BuildId buildId, DateTimeOffset now) => buildkite.BuildOf(buildId).Set(now, "pondering");
}
