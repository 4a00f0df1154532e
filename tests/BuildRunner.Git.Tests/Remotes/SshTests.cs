namespace BuildRunner.Git.Tests.Remotes;

/// <summary>With the ssh of <see cref="HostileEnvironment"/> on the PATH, which runs the command here. A real server was not asked.</summary>
[Slow]
public sealed class SshTests : IAsyncLifetime
{
    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedFact]
    public async Task A_fetch_goes_by_the_ssh_of_the_account_and_never_by_a_shell()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        var host = $"{Guid.NewGuid():N}.invalid";
        await using var runner = _remote.CreateRunner(options => options.Remote = $"ssh://git@{host}:2222{_remote.Origin.Path}");

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith(["head.txt", "target.txt"]);
        var calls = (await File.ReadAllLinesAsync(HostileEnvironment.SshLog)).Where(line => line.Contains(host, StringComparison.Ordinal));
        calls.Should().NotBeEmpty().And.OnlyContain(line => line.EndsWith($"-p 2222 git@{host} git-upload-pack '{_remote.Origin.Path}'", StringComparison.Ordinal));
    }

    [TimedFact]
    public async Task Nobody_is_asked_for_anything()
    {
        await using var runner = _remote.CreateRunner(options => options.Remote = "ssh://git@host.invalid" + _remote.Origin.Path);

        await runner.BuildAsync();

        var environment = await File.ReadAllLinesAsync(HostileEnvironment.SshLog);
        environment.Should().Contain(["SSH_ASKPASS=false", "SSH_ASKPASS_REQUIRE=force"])
            .And.NotContain(static line => line.StartsWith("GIT_SSH=", StringComparison.Ordinal) || line.StartsWith("GIT_SSH_COMMAND=", StringComparison.Ordinal));
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }
}
