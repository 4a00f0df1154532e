namespace BuildRunner.Git.Tests.Merged;

/// <summary>Nothing that is set up anywhere has a say, and nothing of the borrowed repository is touched.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedFact]
    public async Task Hooks_and_configuration_of_a_repository_of_this_machine_have_no_say()
    {
        var one = await _fixture.CommitAsync("one");
        var ran = _fixture.Origin["ran"];
        foreach (var repository in new[] { _fixture.Origin, _fixture.Clone })
        {
            await repository.ShellAsync($"""
                mkdir -p ../hooks
                for hook in pre-receive update post-receive post-update reference-transaction pre-push push-to-checkout proc-receive fsmonitor-watchman post-merge; do
                    printf '#!/bin/sh\necho %s >> {ran}; exit 1\n' $hook > ../hooks/$hook
                    chmod +x ../hooks/$hook
                done
                git config core.hooksPath "$PWD/../hooks"
                git config core.fsmonitor "$PWD/../hooks/fsmonitor-watchman"
                git config core.alternateRefsCommand "touch {ran}; false"
                git config receive.denyDeletes true
                git config receive.fsckObjects true
                git config push.gpgSign true
                """);
        }

        var host = _fixture.CreateHost();
        var build = await host.TriggerAsync(one);
        var result = await host.Merged.LandAsync(build);
        await _fixture.WaitForReferencesAsync(0);

        result.Outcome.Should().Be(LandingOutcome.Landed);
        File.Exists(ran).Should().BeFalse();
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }

    [TimedFact]
    public async Task The_borrowed_repository_is_only_read()
    {
        var before = DirectoryContent.Describe(_fixture.Clone.Path);
        var host = _fixture.CreateHost();

        await host.Merged.LandAsync(await host.TriggerAsync(await _fixture.CommitAsync("one")));

        DirectoryContent.Describe(_fixture.Clone.Path).Should().Equal(before);
    }

    [TimedFact]
    public async Task Credentials_are_sent_with_each_exchange_and_shown_nowhere()
    {
        var one = await _fixture.CommitAsync("one");
        const string Token = "secret-of-the-remote";
        var expected = "Basic " + Convert.ToBase64String("bot:secret-of-the-remote"u8);
        await using GitHttpServer server = new(_fixture.Origin)
        {
            Answer = (request, _) => Task.FromResult(request.Authorization == expected ? null : new ServedAnswer(401, "WWW-Authenticate: Basic realm=\"test\"")),
        };
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
        await _fixture.Origin.GitAsync("checkout", "--quiet", "--detach");
        GitCredentials credentials = new("bot", Token);
        var host = _fixture.CreateHost(options =>
        {
            options.Remote = server.Address;
            options.RemoteCredentials = _ => ValueTask.FromResult<GitCredentials?>(credentials);
        });

        var build = await host.TriggerAsync(one);
        (await host.Merged.LandAsync(build)).Outcome.Should().Be(LandingOutcome.Landed);
        server.Requests.Should().Contain(static request => request.Target.Contains("git-receive-pack", StringComparison.Ordinal));
        server.Answer = (request, _) => Task.FromResult<ServedAnswer?>(new ServedAnswer(403, Body: $"{request.Authorization} {Token} is not allowed"));
        var refused = (await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which;

        refused.ToString().Should().NotContain(Token).And.NotContain(expected["Basic ".Length..]);
    }
}
