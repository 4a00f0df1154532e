using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests.Fixtures;

internal sealed class JenkinsHarness(FakeJenkins jenkins, FakeTimeProvider time, HttpMessageHandler transport, Uri address)
    : FakeHarness(time, transport)
{
    public override BuildId UnknownBuildId => new("999999-0b5e2a9c7d8f4e3a");

    public override IReadOnlyList<string> Secrets => [JenkinsSetup.Token];

    protected override int Builds => jenkins.Builds.Count;

    protected override void Register(IServiceCollection services) => services.AddJenkinsBuildRunner(options =>
    {
        (options.Url, options.Job, options.UserName) = (address, jenkins.Job, FakeJenkins.UserName);
        options.ApiToken = static _ => new(JenkinsSetup.Token);
    });

    protected override BuildRequest RequestOf(BuildId buildId) => jenkins.BuildOf(buildId).Request!;

    protected override void Ponder(BuildId buildId, DateTimeOffset now)
    {
        var build = jenkins.BuildOf(buildId);
        build.LeavesAt = now;
        build.Set(building: false, inProgress: false, "PONDERED");
    }

    protected override HttpMessageHandler Wrap(HttpMessageHandler handler) => new MarkingHandler(handler);
}
