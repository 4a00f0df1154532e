using System.Text.Json.Nodes;
using BuildRunner.Npm;

namespace BuildRunner.GitLab.Tests;

/// <summary>The fake is understood by a client that others have made: <c>@gitbeaker/rest</c> of npm.</summary>
/// <remarks>Without Node.js or the package, the test is skipped, or fails on a build server (<c>CI=true</c>).</remarks>
[Slow]
public sealed class OtherClientTests
{
    private static readonly NpmDirectory Packages = new(Path.Combine(AppContext.BaseDirectory, "npm"));

    [Fact(Timeout = 600_000)]
    public async Task A_client_that_others_have_made_understands_the_fake()
    {
        await RequirePackagesAsync();
        await using FakeServer<FakeGitLab> server = new(new FakeGitLab(TimeProvider.System));
        await server.StartAsync();
        server.Service.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
        server.Service.TriggerTokens.Add(GitLabSetup.TriggerToken);
        server.Service.Fail(static request => request.Path.EndsWith("/trace", StringComparison.Ordinal),
            new FakeReply(200, "a log\n", "text/plain"));

        var output = await Packages.RunAsync(
            "tour.mjs", "", TestContext.Current.CancellationToken, server.Address.AbsoluteUri.TrimEnd('/'), GitLabSetup.Token,
            GitLabSetup.TriggerToken);

        var seen = JsonNode.Parse(output)!;
        JsonNode.DeepEquals(seen["sources"], JsonNode.Parse("""["api","trigger"]""")).Should().BeTrue(output);
        (seen["all"]!.GetValue<int>(), seen["unique"]!.GetValue<int>()).Should().Be((107, 107));
        seen["named"]!.ToJsonString().Should().Be("[true]");
        seen["shown"]!.ToJsonString().Should().Be(
            $"""[true,"br-1","{FakeGitLab.Commit}","https://gitlab.test/acme/shop/-/pipelines/31000000001"]""");
        seen["variables"]!.ToJsonString().Should().Be("""["BUILD_KEY=br-2"]""");
        (seen["jobs"]!.ToJsonString(), seen["log"]!.GetValue<string>()).Should().Be(("""["build"]""", "a log\n"));
        seen["cancelled"]!.GetValue<string>().Should().BeOneOf("canceling", "canceled", "success");
        seen["retried"]!.GetValue<string>().Should().Be("running");
        seen["failures"]!.ToJsonString().Should().Be("[404,404,400,401,404]");
    }

    private static async Task RequirePackagesAsync()
    {
        try
        {
            await Packages.GetPathAsync();
        }
        catch (NpmUnavailableException exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(exception.Message);
        }
    }
}
