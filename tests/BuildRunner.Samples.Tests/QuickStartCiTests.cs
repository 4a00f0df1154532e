using System.Text.Json;
using BuildRunner.Buildkite.Tests.Fake;
using BuildRunner.GitLab.Tests.Fake;
using BuildRunner.Jenkins.Tests.Fake;
using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start on fakes of Buildkite, Jenkins and GitLab: the same life as on this machine.</summary>
[Slow]
public sealed class QuickStartCiTests : IAsyncLifetime
{
    private const string Token = "a-token-of-the-quick-start";

    private readonly FakeListener<FakeBuildkite> _buildkite = new(new FakeBuildkite(TimeProvider.System));
    private readonly FakeListener<FakeJenkins> _jenkins = new(new FakeJenkins(TimeProvider.System));
    private readonly FakeListener<FakeGitLab> _gitlab = new(new FakeGitLab(TimeProvider.System));
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("head", ("head.txt", ""));
        _buildkite.Service.Tokens[Token] = ["read_builds", "write_builds", "read_build_logs"];
        _jenkins.Service.Tokens.Add(Token);
        _gitlab.Service.Tokens[Token] = DateTimeOffset.MaxValue;
        _buildkite.Start();
        _jenkins.Start();
        _gitlab.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _buildkite.DisposeAsync();
        await _jenkins.DisposeAsync();
        await _gitlab.DisposeAsync();
        _repository.Dispose();
    }

    [TimedTheory]
    [InlineData("buildkite", "passed")]
    [InlineData("jenkins", "SUCCESS")]
    [InlineData("gitlab", "success")]
    public async Task A_head_that_passes_is_shown_through_its_life(string runner, string state)
    {
        var result = await RunAsync(runner, Token, "--json");

        result.ExitCode.Should().Be(0, result.Error);
        var last = JsonDocument.Parse(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        last.GetProperty("status").GetString().Should().Be("succeeded");
        last.GetProperty("metadata").GetProperty("native_state").GetString().Should().Be(state);
        Requests(runner).Should().ContainSingle().Which!.Head.Should().ContainSingle();
    }

    [TimedTheory]
    [InlineData("buildkite", "BUILDKITE_TOKEN", "acme/verify")]
    [InlineData("jenkins", "JENKINS_TOKEN", "queue")]
    [InlineData("gitlab", "GITLAB_TOKEN", "acme/shop")]
    public async Task Without_a_token_it_says_in_one_sentence_what_it_needs(string runner, string variable, string what)
    {
        var result = await RunAsync(runner, token: null);

        result.ExitCode.Should().Be(2, result.Output);
        result.Error.Trim().Should().Contain(variable).And.Contain(what).And.NotContain("\n");
        Requests(runner).Should().BeEmpty();
    }

    private IEnumerable<BuildRequest?> Requests(string runner) => runner switch
    {
        "buildkite" => _buildkite.Service.Builds.Select(static build => build.Request),
        "jenkins" => _jenkins.Service.Builds.Select(static build => build.Request),
        _ => _gitlab.Service.Pipelines.Select(static pipeline => pipeline.Request),
    };

    private Task<SampleProgram.Result> RunAsync(string runner, string? token, params string[] arguments)
    {
        var (url, place) = runner switch
        {
            "buildkite" => ($"{_buildkite.Address}v2/", new[] { "--pipeline", "acme/verify" }),
            "jenkins" => ($"{_jenkins.Address}", ["--job", _jenkins.Service.Job]),
            _ => ($"{_gitlab.Address}", ["--project", _gitlab.Service.Project]),
        };
        var dotnet = Cli.Wrap("dotnet").WithEnvironmentVariables(environment => environment
            .Set($"{runner.ToUpperInvariant()}_TOKEN", token).Set("JENKINS_USER", FakeJenkins.UserName));
        return QuickStartProgram.RunAsync(
            dotnet,
            [
                "--repo", _repository.Path, "--state", _repository["state"], "--head", "head",
                "--runner", runner, "--url", url, .. place, .. arguments,
            ]);
    }
}
