namespace BuildRunner.Git.Tests.Isolation;

/// <summary>A repository that lacks objects, and that names a command with which git would fetch them.</summary>
[Slow]
public sealed class PartialCloneTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_target_that_is_missing_is_rejected_and_not_fetched()
    {
        var tip = await _repository.CommitAsync(TestRepository.Main, ("second.txt", ""));
        await LoseAsync(tip);

        await ShouldBeRejectedAsync<BuildRunnerConfigurationException>();
    }

    [TimedFact]
    public async Task A_change_that_is_missing_is_rejected_and_not_fetched()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await LoseAsync(head);

        await ShouldBeRejectedAsync<BuildRunnerException>(head);
    }

    [TimedFact]
    public async Task A_file_that_a_merge_needs_is_not_fetched()
    {
        await _repository.CommitAsync(TestRepository.Main, ("both.txt", "1\n2\n3\n4\n5\n"));
        var head = await _repository.CommitAsync("head", ("both.txt", "1\n2\n3\n4\nfive\n"));
        await _repository.CommitAsync(TestRepository.Main, ("both.txt", "one\n2\n3\n4\n5\n"));
        await LoseAsync(await _repository.TipAsync("head:both.txt"));

        await ShouldFailAsync(head);
    }

    [TimedFact]
    public async Task A_file_that_is_to_be_checked_out_is_not_fetched()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", "of head\n"));
        await LoseAsync(await _repository.TipAsync("head:head.txt"));

        await ShouldFailAsync(head);
    }

    private async Task ShouldBeRejectedAsync<TException>(params string[] head)
        where TException : BuildRunnerException
    {
        await using var runner = new TestRunner(_repository);

        var trigger = () => runner.TriggerAsync(head);

        await trigger.Should().ThrowExactlyAsync<TException>();
        File.Exists(_repository["fetched"]).Should().BeFalse();
    }

    private async Task ShouldFailAsync(string head)
    {
        await using var runner = new TestRunner(_repository);

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        File.Exists(_repository["fetched"]).Should().BeFalse();
    }

    // The configuration last, because the git of the test would go by it.
    private async Task LoseAsync(string objectId)
    {
        File.Delete(Path.Combine(_repository.Path, ".git", "objects", objectId[..2], objectId[2..]));
        await _repository.GitAsync("config", "remote.origin.url", "ssh://localhost/nowhere");
        await _repository.GitAsync("config", "remote.origin.promisor", "true");
        await _repository.GitAsync("config", "core.sshCommand", $"touch {_repository["fetched"]}");
        await _repository.GitAsync("config", "core.repositoryFormatVersion", "1");
        await _repository.GitAsync("config", "extensions.partialClone", "origin");
    }
}
