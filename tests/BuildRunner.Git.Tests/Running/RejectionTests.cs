namespace BuildRunner.Git.Tests.Running;

/// <summary>Clause T4 of the contract.</summary>
[Slow]
public sealed class RejectionTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private TestRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"echo run >> {_repository["runs"]}"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _repository.Dispose();
    }

    [TimedTheory]
    [InlineData("git://elsewhere/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost:1/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://LOCALHOST/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/other/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository.git/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/team/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("github://localhost/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("GIT://localhost/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("https://localhost/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git:repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/refs/heads/main/{tip}")]
    [InlineData("git://localhost/repository/{tip}")]
    [InlineData("git://localhost/repository//{tip}")]
    [InlineData("git://localhost/repository/main/{tip}")]
    [InlineData("git://localhost/repository/%2Brefs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/+refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain~1/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain%5E/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain@%7B0%7D/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain%40%7B0%7D/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2F..%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa..b/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%0Ab/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%00b/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain%7E1/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%2E%2Eb/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%3Ab/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2F%2A/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%7F/{tip}")]
    [InlineData("git://localhost/repository/%252Brefs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/-refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/--upload-pack=x/{tip}")]
    [InlineData("git://localhost/repository/%2D%2Dupload-pack%3Dx/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/--all")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/%2D%2Dall")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}%7E1")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}%00")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{short}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/main")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/HEAD")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}~0")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}/")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}?x")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain")]
    public async Task A_uri_of_another_form_or_place_is_rejected(string template)
    {
        var tip = await _repository.TipAsync();
        Change change = new(template.Replace("{tip}", tip, StringComparison.Ordinal).Replace("{short}", tip[..12], StringComparison.Ordinal));

        await ShouldBeRejectedAsync(change);
    }

    [TimedTheory]
    [InlineData("tag", "v1")]
    [InlineData("tree", "HEAD^{tree}")]
    [InlineData("blob", "HEAD:target.txt")]
    public async Task An_object_that_is_not_a_commit_is_rejected(string type, string revision)
    {
        await _repository.GitAsync("tag", "--annotate", "--message", "v1", "v1");
        var id = await _repository.TipAsync(revision);
        (await _repository.GitAsync("cat-file", "-t", id)).Should().Be(type);

        await ShouldBeRejectedAsync(TestRunner.ChangeOf(id));
    }

    [TimedTheory]
    [InlineData("0123456789abcdef0123456789abcdef01234567")]
    [InlineData("0000000000000000000000000000000000000000")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task A_commit_that_is_not_there_is_rejected(string commitId) =>
        await ShouldBeRejectedAsync(TestRunner.ChangeOf(commitId));

    [TimedFact]
    public async Task The_beginning_of_an_id_is_not_the_id()
    {
        using var repository = await TestRepository.CreateAsync("--object-format=sha256");
        var head = await repository.CommitAsync("head", ("head.txt", ""));
        await using var runner = new TestRunner(repository);

        var trigger = () => runner.TriggerAsync(head[..40]);

        await trigger.Should().ThrowExactlyAsync<BuildRunnerException>();
        (await runner.BuildAsync(head)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task One_bad_uri_among_good_ones_rejects_the_request()
    {
        var tip = await _repository.TipAsync();
        Change missing = TestRunner.ChangeOf(new string('1', 40));
        Change good = TestRunner.ChangeOf(tip);
        Change stacked = new([good.Uris[0], missing.Uris[0]]);

        await ShouldBeRejectedAsync(() => _runner.Runner.TriggerAsync([good], [good, missing]));
        await ShouldBeRejectedAsync(() => _runner.Runner.TriggerAsync([missing], [good]));
        await ShouldBeRejectedAsync(() => _runner.Runner.TriggerAsync([], [stacked]));
    }

    [TimedFact]
    public async Task A_commit_id_in_capitals_is_the_same_commit()
    {
        var tip = await _repository.TipAsync();

        var small = await _runner.BuildAsync(tip);
        var capitals = await _runner.BuildAsync(tip.ToUpperInvariant());

        capitals.Status.Should().Be(BuildStatus.Succeeded);
        capitals.Snapshot.Metadata[BuildMetadataKeys.Commit].Should().Be(small.Snapshot.Metadata[BuildMetadataKeys.Commit]);
    }

    [TimedTheory]
    [InlineData("refs/heads/main")]
    [InlineData("refs/heads/ünïcode/日本")]
    [InlineData("refs/heads/100%/a+b&c=d")]
    [InlineData("refs/pull/12/head")]
    public async Task What_create_has_made_is_understood(string reference)
    {
        var change = GitChange.Create("localhost", "repository", reference, await _repository.TipAsync());

        var buildId = await _runner.Runner.TriggerAsync([], [change]);

        (await _runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_target_that_is_not_there_is_a_fault_of_the_setup_and_of_no_request()
    {
        await using var runner = new TestRunner(_repository, static options => options.TargetBranch = "no-such-branch");

        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Fact]
    public async Task A_null_request_is_refused()
    {
        var trigger = () => _runner.Runner.TriggerAsync(null!);

        await trigger.Should().ThrowAsync<ArgumentNullException>();
    }

    private async Task ShouldBeRejectedAsync(Change change) => await ShouldBeRejectedAsync(() => _runner.Runner.TriggerAsync([], [change]));

    private async Task ShouldBeRejectedAsync(Func<Task<BuildId>> trigger)
    {
        var exception = (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        exception.IsTransient.Should().BeFalse();

        // Builds run one after the other: had there been one, its command would have run before this one's.
        File.Delete(_repository["runs"]);
        await _runner.BuildAsync();
        File.ReadAllLines(_repository["runs"]).Should().ContainSingle();
    }
}
