using System.Text.Json;
using BuildRunner.GitHubActions.Tests.Fake;
using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start on a fake of GitHub: the same life as on this machine.</summary>
[Slow]
public sealed class QuickStartGitHubTests : IAsyncLifetime
{
    private const string Token = "ghp_quick-start";

    private readonly FakeListener<FakeGitHub> _server = new(new FakeGitHub(TimeProvider.System));
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("head", ("head.txt", ""));
        _server.Service.Tokens[Token] = DateTimeOffset.MaxValue;
        _server.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _repository.Dispose();
    }

    [TimedFact]
    public async Task A_head_that_passes_is_shown_through_its_life()
    {
        var result = await RunAsync(Token, "--github", "acme/shop", "--url", _server.Address.AbsoluteUri, "--head", "head", "--json");

        result.ExitCode.Should().Be(0, result.Error);
        var last = JsonDocument.Parse(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        last.GetProperty("status").GetString().Should().Be("succeeded");
        last.GetProperty("metadata").GetProperty("native_state").GetString().Should().Be("completed/success");
        _server.Service.Runs.Should().ContainSingle().Which.Request!.Head.Should().ContainSingle();
    }

    [TimedFact]
    public async Task Without_a_token_it_says_in_one_sentence_what_it_needs()
    {
        var result = await RunAsync(token: null, "--github", "acme/shop", "--url", _server.Address.AbsoluteUri, "--head", "head");

        result.ExitCode.Should().Be(2, result.Output);
        result.Error.Trim().Should().Contain("GITHUB_TOKEN").And.Contain("acme/shop").And.NotContain("\n");
        _server.Service.Requests.Should().BeEmpty();
    }

    private Task<SampleProgram.Result> RunAsync(string? token, params string[] arguments) => QuickStartProgram.RunAsync(
        Cli.Wrap("dotnet").WithEnvironmentVariables(environment => environment.Set("GITHUB_TOKEN", token)),
        ["--repo", _repository.Path, "--state", _repository["state"], "--runner", "github", .. arguments]);
}
