using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests;

/// <summary>What real connections do to a create, counted where it arrives.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly FakeGitLabServer _server = new(new FakeGitLab(TimeProvider.System));

    public async ValueTask InitializeAsync()
    {
        _server.GitLab.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
        _server.GitLab.TriggerTokens.Add(GitLabSetup.TriggerToken);
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_connection_that_is_closed_after_the_create_sends_no_second_one_and_its_pipeline_is_found(
        bool isReused, bool hasTriggerToken)
    {
        await using var provider = Provide(options =>
            options.TriggerToken = hasTriggerToken ? static _ => new(GitLabSetup.TriggerToken) : null);
        var runner = provider.GetRequiredService<IBuildRunner>();
        if (isReused)
        {
            await runner.TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);
        }

        var before = _server.GitLab.Creates;
        _server.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Lost, acts: true);

        var buildId = await runner.TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);

        (_server.GitLab.Creates - before).Should().Be(1);
        _server.GitLab.PipelineOf(buildId).Should().BeSameAs(_server.GitLab.Pipelines[^1]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_resilience_handler_of_the_host_sends_no_second_create()
    {
        ServiceCollection services = new();
        services.AddHttpClient().ConfigureHttpClientDefaults(static client => client.AddStandardResilienceHandler());
        await using var provider = Provide(static _ => { }, services);
        _server.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Html(502), acts: true, stays: true);

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(GitLabSetup.Request(), TestContext.Current.CancellationToken);

        _server.GitLab.Creates.Should().Be(1);
    }

    private ServiceProvider Provide(Action<GitLabBuildRunnerOptions> configure, ServiceCollection? services = null) =>
        (services ?? []).AddGitLabBuildRunner(options =>
        {
            (options.Url, options.Project) = (_server.Address, _server.GitLab.Project);
            options.Token = static _ => new(GitLabSetup.Token);
            configure(options);
        }).BuildServiceProvider();
}
