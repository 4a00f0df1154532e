using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests;

/// <summary>Somebody else's client on the fake, beside the runner, so that our misreading is not tried against itself alone.</summary>
[Slow]
public sealed class SecondOpinionTests
{
    [Theory(Timeout = 600_000)]
    [InlineData(JenkinsSetup.Token)]
    [InlineData(FakeJenkins.Password)]
    public async Task The_client_of_npm_sees_what_the_runner_has_triggered_and_the_runner_what_the_client_has_stopped(string secret)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using FakeServer<FakeJenkins> server = new(new FakeJenkins(TimeProvider.System) { Job = "shop/feature%2Fx" });
        server.Service.Tokens.Add(JenkinsSetup.Token);
        await server.StartAsync();
        await using var provider = new ServiceCollection().AddJenkinsBuildRunner(options =>
        {
            (options.Url, options.Job, options.UserName) = (server.Address, server.Service.Job, FakeJenkins.UserName);
            options.ApiToken = static _ => new(JenkinsSetup.Token);
        }).BuildServiceProvider();
        var runner = provider.GetRequiredService<IBuildRunner>();
        var request = JenkinsSetup.Request(key: "key");
        var buildId = await runner.TriggerAsync(request, cancellationToken);
        var build = server.Service.BuildOf(buildId);
        build.Log = "Started\n";

        var output = await NpmClient.RunAsync(JsonSerializer.Serialize(new
        {
            url = server.Address,
            job = server.Service.Job,
            user = FakeJenkins.UserName,
            secret,
            queueId = build.QueueId,
            parameters = new { BUILD_KEY = "somebody-else-s", BUILD_REQUEST = "{}", DROPPED = "x" },
        }), cancellationToken);

        var seen = JsonNode.Parse(output)!;
        seen["declared"]!.AsArray().Select(static name => name!.GetValue<string>()).Should().Equal("BUILD_REQUEST", "BUILD_KEY");
        (seen["number"]!.GetValue<long>(), seen["queueId"]!.GetValue<long>()).Should().Be((build.Number!.Value, build.QueueId));
        seen["building"]!.GetValue<bool>().Should().BeTrue();
        JsonSerializer.Deserialize<BuildRequest>(seen["parameters"]!["BUILD_REQUEST"]!.GetValue<string>()).Should().Be(request);
        seen["log"]!["text"]!.GetValue<string>().Should().Be("Started\n");
        seen["log"]!["more"]!.GetValue<bool>().Should().BeTrue();
        seen["listed"]!.AsArray().Select(static number => number!.GetValue<long>()).Should()
            .Equal(seen["createdNumber"]!.GetValue<long>(), build.Number.Value);
        build.Stops.Should().Equal("stop");
        server.Service.Builds[^1].Parameters.Should().Equal(
            new Dictionary<string, string> { ["BUILD_REQUEST"] = "{}", ["BUILD_KEY"] = "somebody-else-s" });
        (await runner.WaitForCompletionAsync(buildId, cancellationToken: cancellationToken)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task The_lock_file_names_no_registry()
    {
        var file = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "npm", "package-lock.json"));

        file.Should().NotContain("resolved").And.Contain("integrity");
    }
}
