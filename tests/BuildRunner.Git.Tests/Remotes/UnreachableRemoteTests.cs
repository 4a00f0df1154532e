using System.Net;
using System.Net.Sockets;

namespace BuildRunner.Git.Tests.Remotes;

/// <summary>Remotes that refuse, lead elsewhere, or never answer.</summary>
[Slow]
public sealed class UnreachableRemoteTests : IAsyncLifetime
{
    private static readonly TimeSpan RemoteTimeout = TimeSpan.FromSeconds(77);

    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedTheory]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(404, false)]
    [InlineData(418, false)]
    [InlineData(500, false)]
    [InlineData(429, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    public async Task A_refusal_is_transient_only_where_the_server_says_so(int status, bool isTransient)
    {
        await using var runner = _remote.CreateRunner();
        _remote.Server.Refuse(status);

        await ShouldBeRejectedAsync(runner, isTransient);
    }

    [TimedFact]
    public async Task What_the_server_writes_does_not_make_a_refusal_transient()
    {
        await using var runner = _remote.CreateRunner();
        _remote.Server.Refuse(403, body: "no\nfatal: unable to access 'x': Failed to connect to x\nerror: RPC failed; HTTP 503 \u001b[2J\r\nssh: connect to host x port 1: Connection refused");

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task Nobody_who_listens_is_transient()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var runner = _remote.CreateRunner(options => options.Remote = $"http://127.0.0.1:{port}/x");

        await ShouldBeRejectedAsync(runner, isTransient: true);
    }

    [TimedTheory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using GitHttpServer elsewhere = new(_remote.Origin);
        await using var runner = _remote.CreateRunner(static options => options.RemoteCredentials = static _ => ValueTask.FromResult<GitCredentials?>(new("user", "password")));
        _remote.Server.Refuse(status, $"Location: {elsewhere.Address}/info/refs?service=git-upload-pack");

        await ShouldBeRejectedAsync(runner, isTransient: false);

        elsewhere.Requests.Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_directory_that_is_no_repository_is_rejected()
    {
        await using var runner = _remote.CreateRunner(options => options.Remote = Directory.CreateDirectory(_remote.Clone["empty"]).FullName);

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task A_repository_without_a_commit_is_rejected()
    {
        var empty = Directory.CreateDirectory(_remote.Clone["empty"]).FullName;
        await _remote.Clone.GitAsync("init", "--quiet", "--bare", empty);
        await using var runner = _remote.CreateRunner(options => options.Remote = empty);

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task A_trigger_gives_up_a_remote_that_never_answers()
    {
        RecordingTimeProvider clock = new();
        await using var runner = _remote.CreateRunner(static options => options.RemoteTimeout = RemoteTimeout, clock);
        var hanging = _remote.Server.Hang();
        var trigger = runner.TriggerAsync();
        await hanging.Asked;

        clock.Advance(RemoteTimeout - TimeSpan.FromMilliseconds(1));
        var before = trigger.IsCompleted;
        clock.Advance(TimeSpan.FromMilliseconds(1));

        before.Should().BeFalse();
        (await trigger.Awaiting(static task => task).Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        await hanging.Left;
    }

    [TimedFact]
    public async Task A_trigger_that_is_abandoned_does_not_wait_for_the_remote()
    {
        using CancellationTokenSource abandon = new();

        // Its time stands still, so that nothing but the cancellation ends the call.
        await using var runner = _remote.CreateRunner(timeProvider: new RecordingTimeProvider());
        var hanging = _remote.Server.Hang();
        var trigger = runner.Runner.TriggerAsync(new BuildRequest(), abandon.Token);
        await hanging.Asked;

        await abandon.CancelAsync();

        (await trigger.Awaiting(static task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(abandon.Token);
        await hanging.Left;
    }

    [TimedFact]
    public async Task A_build_gives_up_a_remote_that_never_answers()
    {
        RecordingTimeProvider clock = new();
        await using var runner = CreateFetchingRunner(clock);
        var hanging = _remote.Server.Hang();
        var buildId = await runner.TriggerAsync();
        await hanging.Asked;

        clock.Advance(RemoteTimeout);

        (await runner.FinishAsync(buildId)).FailureKind.Should().Be(BuildFailureKinds.Infra);
        await hanging.Left;
    }

    [TimedFact]
    public async Task A_fetch_is_stopped_when_the_build_has_run_for_too_long()
    {
        RecordingTimeProvider clock = new();
        await using var runner = CreateFetchingRunner(clock, static options => options.Timeout = TimeSpan.FromSeconds(7));
        var hanging = _remote.Server.Hang();
        var buildId = await runner.TriggerAsync();
        await hanging.Asked;

        clock.Advance(TimeSpan.FromSeconds(7));

        (await runner.FinishAsync(buildId)).FailureKind.Should().Be(BuildFailureKinds.Timeout);
        await hanging.Left;
    }

    [TimedFact]
    public async Task A_fetch_is_stopped_when_the_build_is_cancelled()
    {
        await using var runner = CreateFetchingRunner(timeProvider: null);
        var hanging = _remote.Server.Hang();
        var buildId = await runner.TriggerAsync();
        await hanging.Asked;

        await runner.Runner.CancelAsync(buildId);

        (await runner.FinishAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        await hanging.Left;
    }

    // Whose target is a commit, so that nobody is asked for it before the build runs.
    private TestRunner CreateFetchingRunner(TimeProvider? timeProvider, Action<GitBuildRunnerOptions>? configure = null) => _remote.CreateRunner(
        options =>
        {
            options.TargetBranch = new string('1', 40);
            options.RemoteTimeout = RemoteTimeout;
            configure?.Invoke(options);
        },
        timeProvider);

    private static async Task ShouldBeRejectedAsync(TestRunner runner, bool isTransient)
    {
        var trigger = () => runner.TriggerAsync();

        // A target is asked for, which is nothing that a request could be blamed for.
        var exception = (await trigger.Should().ThrowAsync<BuildRunnerException>()).Which;
        (exception.IsTransient, exception is BuildRunnerConfigurationException).Should().Be((isTransient, !isTransient));
    }
}
