using BuildRunner.Http;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests;

/// <summary>Commits that are merged already, on a real master that checks them out.</summary>
[Slow]
public sealed class MergedTests : IAsyncLifetime
{
    private readonly string _repository = Directory.CreateTempSubdirectory("buildrunner-merged-").FullName;
    private BuildbotServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        await GitAsync("init", "--quiet", "--initial-branch=main");
        await CommitAsync("main");
        await GitAsync("checkout", "--quiet", "-b", "build/x");
        await CommitAsync("merged");
        _server = await BuildbotServer.StartAsync(repository: _repository, command: "ls; echo \"request: $BUILD_REQUEST.\"; test ! -e later.txt");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_repository, recursive: true);
    }

    [Fact]
    public async Task The_commit_is_built_although_its_branch_has_moved_on()
    {
        var commit = await GitAsync("rev-parse", "HEAD");
        await CommitAsync("later");
        await using var provider = Provide("force-merged", "verify-merged");
        var runner = provider.GetRequiredService<IBuildRunner>();

        var buildId = await runner.TriggerAsync(Request("build/x", commit, "key"), TestContext.Current.CancellationToken);
        var build = await runner.WaitForCompletionAsync(buildId, cancellationToken: TestContext.Current.CancellationToken);

        build.Status.Should().Be(BuildStatus.Succeeded, _server.Logs);
        build.Metadata[BuildMetadataKeys.Commit].Should().Be(commit);
        using StreamReader log = new(await runner.As<IBuildLogSource>()!.OpenLogAsync(buildId, TestContext.Current.CancellationToken));
        (await log.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().Contain("merged.txt").And.Contain("request: .");
        (await runner.As<IBuildFinder>()!.FindAsync("key", TestContext.Current.CancellationToken)).Should().Be(buildId);
        (await runner.TriggerAsync(Request("build/x", commit, "key"), TestContext.Current.CancellationToken)).Should().Be(buildId);
        await FluentActions.Awaiting(() => runner.TriggerAsync(Request("build/y", commit, "key"))).Should().ThrowExactlyAsync<BuildRunnerException>();
        (await _server.CountBuildRequestsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_commit_whose_branch_is_gone_blames_nobody()
    {
        var commit = await GitAsync("rev-parse", "HEAD");
        await GitAsync("checkout", "--quiet", "main");
        await GitAsync("branch", "--delete", "--force", "build/x");
        await using var provider = Provide("force-merged", "verify-merged");
        var runner = provider.GetRequiredService<IBuildRunner>();

        var buildId = await runner.TriggerAsync(Request("build/x", commit, "key"), TestContext.Current.CancellationToken);
        var build = await runner.WaitForCompletionAsync(buildId, cancellationToken: TestContext.Current.CancellationToken);

        build.Status.Should().Be(BuildStatus.Failed, _server.Logs);
        build.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_scheduler_that_would_drop_the_commit_is_a_faulty_setup_and_nothing_is_created()
    {
        await using var provider = Provide("force", "verify");

        var trigger = () => provider.GetRequiredService<IBuildRunner>().TriggerAsync(Request("build/x", new string('0', 40), "key"));

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("'branch'");
        (await _server.CountBuildRequestsAsync()).Should().Be(0);
    }

    private static BuildRequest Request(string branch, string commit, string key) =>
        new() { Head = [new Change($"git://git.example.org/shop/{Uri.EscapeDataString($"refs/heads/{branch}")}/{commit}")], TriggerKey = key };

    private ServiceProvider Provide(string scheduler, string builder) => new ServiceCollection().AddBuildbotBuildRunner(options =>
    {
        options.Url = _server.Url;
        (options.Scheduler, options.Builder, options.Changes) = (scheduler, builder, ChangesForm.Merged);
    }).BuildServiceProvider();

    private async Task CommitAsync(string name)
    {
        await File.WriteAllTextAsync(Path.Combine(_repository, $"{name}.txt"), "");
        await GitAsync("add", ".");
        await GitAsync("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "-m", name);
    }

    private async Task<string> GitAsync(params string[] arguments) =>
        (await Cli.Wrap("git").WithArguments(arguments).WithWorkingDirectory(_repository).ExecuteBufferedAsync()).StandardOutput.Trim();
}
