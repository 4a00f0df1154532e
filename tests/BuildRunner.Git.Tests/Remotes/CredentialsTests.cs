using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Tests.Remotes;

[Slow]
public sealed class CredentialsTests : IAsyncLifetime
{
    private const string User = "x-access-token";
    private const string Token = "ghp_q9Zr7Lk2Vw";

    private static readonly string Encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Token}"));

    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedFact]
    public async Task They_are_sent_with_every_request()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        RequireToken();
        await using var runner = CreateRunner();

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        _remote.Server.Requests.Should().NotBeEmpty().And.OnlyContain(static request => request.Authorization == "Basic " + Encoded);
    }

    [TimedFact]
    public async Task They_are_asked_for_anew_each_time()
    {
        var number = 0;
        await using var runner = _remote.CreateRunner(options =>
            options.RemoteCredentials = _ => ValueTask.FromResult<GitCredentials?>(new("", $"token-{Interlocked.Increment(ref number)}")));

        await runner.BuildAsync();
        await runner.BuildAsync();

        _remote.Server.Requests.Select(static request => request.Authorization).Distinct()
            .Select(static sent => Encoding.UTF8.GetString(Convert.FromBase64String(sent!["Basic ".Length..])))
            .Should().Equal(":token-1", ":token-2");
    }

    [TimedTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_them_none_are_sent_and_nobody_is_asked(bool hasSource)
    {
        RequireToken();
        await using var runner = _remote.CreateRunner(options =>
            options.RemoteCredentials = hasSource ? static _ => ValueTask.FromResult<GitCredentials?>(null) : null);

        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        _remote.Server.Requests.Should().NotBeEmpty().And.OnlyContain(static request => request.Authorization == null);
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }

    [TimedFact]
    public async Task They_are_in_no_argument_list_of_any_process()
    {
        List<string> commandLines = [];
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        _remote.Server.Answer = (_, _) =>
        {
            // While the caller waits for the answer.
            commandLines.AddRange(ProcessTable.CommandLines());
            return Task.FromResult<ServedAnswer?>(null);
        };
        await using var runner = CreateRunner();

        await runner.BuildAsync(head);

        commandLines.Should().Contain(line => line.Contains(_remote.Server.Address, StringComparison.Ordinal));
        commandLines.Should().NotContain(static line => HasSecret(line));
    }

    [TimedFact]
    public async Task They_are_in_no_file_no_log_no_metadata_and_no_trace()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        RequireToken();
        await using var runner = CreateRunner(static options => options.Command = ["env"]);

        var succeeded = await runner.BuildAsync(head);
        var failed = await runner.BuildAsync(new string('1', 40));

        succeeded.Status.Should().Be(BuildStatus.Succeeded, succeeded.Log);
        failed.Status.Should().Be(BuildStatus.Failed);
        string.Join('\n', succeeded.Snapshot.Metadata.ToDictionary().Concat(failed.Snapshot.Metadata.ToDictionary())).Should().Match(static text => !HasSecret(text));
        (await FindFilesWithSecretAsync(runner.StateDirectory)).Should().BeEmpty();
        (await FindFilesWithSecretAsync(_remote.Clone.Path)).Should().BeEmpty();
        File.Exists(HostileEnvironment.Trace).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task They_are_in_no_exception_although_the_server_sends_them_back(int status)
    {
        _remote.Server.Answer = (request, _) => Task.FromResult<ServedAnswer?>(
            new ServedAnswer(status, Body: $"You sent {request.Authorization}, that is {Token} of {User}"));
        await using var runner = CreateRunner();

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.ToString().Should().Match(static text => !HasSecret(text));
    }

    [TimedFact]
    public async Task They_are_in_no_log_of_a_build_although_the_server_sends_them_back()
    {
        _remote.Server.Refuse(400, body: $"Basic {Encoded} {Token}");
        await using var runner = CreateRunner(static options => options.TargetBranch = new string('1', 40));

        var build = await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        build.Log.Should().Contain("***").And.Match(static text => !HasSecret(text));
        (await FindFilesWithSecretAsync(runner.StateDirectory)).Should().BeEmpty();
    }

    [TimedTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_fails_rejects_the_trigger(bool isTimeout)
    {
        await using var runner = _remote.CreateRunner(options =>
            options.RemoteCredentials = _ => throw (isTimeout ? new TaskCanceledException() : new InvalidOperationException()));

        var trigger = () => runner.TriggerAsync();

        var exception = (await trigger.Should().ThrowAsync<BuildRunnerException>()).Which;
        (exception.IsTransient, exception is BuildRunnerConfigurationException).Should().Be((isTimeout, !isTimeout));
        _remote.Server.Requests.Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_source_that_never_answers_is_given_up()
    {
        RecordingTimeProvider clock = new();
        var timeout = TimeSpan.FromSeconds(77);
        await using var runner = _remote.CreateRunner(
            options =>
            {
                options.RemoteTimeout = timeout;
                options.RemoteCredentials = static async cancellationToken =>
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return null;
                };
            },
            clock);
        var trigger = runner.TriggerAsync();
        await clock.WaitForTimerAsync(timeout);

        clock.Advance(timeout);

        (await trigger.Awaiting(static task => task).Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public void The_text_of_credentials_has_no_secret() => new GitCredentials(User, Token).ToString().Should().Contain(User).And.NotContain(Token);

    [Fact]
    public void The_secret_is_no_public_member() =>
        typeof(GitCredentials).GetProperties().Should().ContainSingle().Which.Name.Should().Be(nameof(GitCredentials.UserName));

    [Theory]
    [InlineData(null, "")]
    [InlineData("", null)]
    [InlineData("a:b", "")]
    [InlineData("a\n", "")]
    [InlineData("a", "b\n")]
    [InlineData("a", "b\r\nX-Other: header")]
    [InlineData("a", "b\0")]
    public void What_cannot_be_sent_is_refused(string? userName, string? password)
    {
        var create = () => new GitCredentials(userName!, password!);

        create.Should().Throw<ArgumentException>();
    }

    private TestRunner CreateRunner(Action<GitBuildRunnerOptions>? configure = null) => _remote.CreateRunner(options =>
    {
        options.RemoteCredentials = static _ => ValueTask.FromResult<GitCredentials?>(new(User, Token));
        configure?.Invoke(options);
    });

    private void RequireToken() => _remote.Server.Answer = static (request, _) => Task.FromResult(
        request.Authorization == "Basic " + Encoded ? null : new ServedAnswer(401, "WWW-Authenticate: Basic realm=\"test\""));

    private static bool HasSecret(string text) => text.Contains(Token, StringComparison.Ordinal) || text.Contains(Encoded, StringComparison.Ordinal);

    // By a program, because .NET does not read what the runner has locked.
    private static async Task<string> FindFilesWithSecretAsync(string directory)
    {
        var result = await Cli.Wrap("grep")
            .WithArguments(["-rlaF", "-e", Token, "-e", Encoded, directory])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();
        return result.StandardOutput + result.StandardError;
    }
}
