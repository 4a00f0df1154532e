namespace BuildRunner.Git.Tests.Remotes;

/// <summary>No configuration of the account, the user's repository or the server affects a fetch. The account's is that of <see cref="HostileEnvironment"/>.</summary>
[Slow]
public sealed class RemoteIsolationTests : IAsyncLifetime
{
    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedTheory]
    [InlineData("http")]
    [InlineData("path")]
    [InlineData("ssh")]
    public async Task The_configuration_of_the_repository_of_the_user_is_not_used(string kind)
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await using var runner = _remote.CreateRunner(options => options.Remote = AddressOf(kind));
        await File.AppendAllTextAsync(Path.Combine(_remote.Clone.Path, ".git", "config"), HostileEnvironment.RemoteConfiguration);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith(["head.txt", "target.txt"]);
        _remote.Server.Requests.Should().NotContain(static request => request.Headers.ContainsKey("x-hostile"));
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }

    [TimedFact]
    public async Task What_a_build_has_configured_in_the_private_repository_is_not_used()
    {
        var messy = await _remote.Origin.CommitAsync("messy", ("messy.txt", HostileEnvironment.RemoteConfiguration));
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await using var runner = _remote.CreateRunner(static options =>
        {
            options.Command = ["sh", "-c", "if test -e messy.txt; then cat messy.txt >> $PRIVATE/config; fi; ls"];
            options.Environment["PRIVATE"] = Path.Combine(options.StateDirectory!, "repository.git");
        });

        var first = await runner.BuildAsync(messy);
        var second = await runner.BuildAsync(head);

        first.Status.Should().Be(BuildStatus.Succeeded, first.Log);
        second.Lines.Should().EndWith(["head.txt", "target.txt"]);
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("http")]
    [InlineData("path")]
    public async Task No_hook_of_the_user_runs(string kind)
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        foreach (var name in new[] { "reference-transaction", "post-checkout", "post-merge", "pre-auto-gc" })
        {
            var hook = Path.Combine(_remote.Clone.Path, ".git", "hooks", name);
            Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
            await File.WriteAllTextAsync(hook, $"#!/bin/sh\ntouch {_remote.Clone["hook"]}\n");
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        await using var runner = _remote.CreateRunner(options => options.Remote = AddressOf(kind));

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        File.Exists(_remote.Clone["hook"]).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("http")]
    [InlineData("path")]
    public async Task The_repositories_of_user_and_server_are_byte_for_byte_as_before(string kind)
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await _remote.Origin.CommitAsync(TestRepository.Main, ("later.txt", ""));
        var before = DirectoryContent.Describe(_remote.Clone.Path).Concat(DirectoryContent.Describe(_remote.Origin.Path)).ToList();

        await using (var runner = _remote.CreateRunner(options => options.Remote = AddressOf(kind)))
        {
            (await runner.BuildAsync(head)).Status.Should().Be(BuildStatus.Succeeded);
            (await runner.BuildAsync(new string('1', 40))).Status.Should().Be(BuildStatus.Failed);
        }

        DirectoryContent.Describe(_remote.Clone.Path).Concat(DirectoryContent.Describe(_remote.Origin.Path)).Should().Equal(before);
    }

    [TimedFact]
    public async Task A_server_that_wants_to_be_asked_by_another_protocol_is_not()
    {
        _remote.Server.Answer = (request, _) => Task.FromResult<ServedAnswer?>(request.Target.Contains("http-alternates", StringComparison.Ordinal)
            ? new ServedAnswer(200, Body: $"ext::{Path.Combine(Path.GetDirectoryName(HostileEnvironment.Ran)!, "evil")}\n")
            : request.Target.Contains("info/refs", StringComparison.Ordinal)
                ? new ServedAnswer(200, Body: $"{new string('1', 40)}\trefs/heads/main\n")
                : new ServedAnswer(404));
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        File.Exists(HostileEnvironment.Ran).Should().BeFalse();
    }

    private string AddressOf(string kind) => kind switch
    {
        "http" => _remote.Server.Address,
        "path" => _remote.Origin.Path,
        _ => "ssh://git@host.invalid" + _remote.Origin.Path,
    };
}
