namespace BuildRunner.Git.Tests.Isolation;

/// <summary>Files that a build writes into the private repository do not affect the next build.</summary>
[Slow]
public sealed class PrivateRepositoryTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync(TestRepository.Main, (".gitattributes", "* merge=evil\n"), ("both.txt", "1\n2\n3\n4\n5\n"));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task Another_repository_that_stands_in_front_of_it() =>
        await ShouldMergeAsync(_ => $"cp -a $PRIVATE {_repository["copy"]}; git config --file {_repository["copy"]}/config merge.evil.driver 'touch {_repository["ran"]}'; echo {_repository["copy"]} > $PRIVATE/commondir");

    [TimedFact]
    public async Task A_history_that_is_made_up() => await ShouldMergeAsync(static head => $"mkdir -p $PRIVATE/info; echo {head} > $PRIVATE/info/grafts");

    [TimedFact]
    public async Task A_merge_driver_of_its_own() => await ShouldMergeAsync(_ => $"git config --file $PRIVATE/config merge.evil.driver 'touch {_repository["ran"]}'");

    private async Task ShouldMergeAsync(Func<string, string> mess)
    {
        var head = await _repository.CommitAsync("head", ("both.txt", "1\n2\n3\n4\nfive\n"), ("build.sh", "cat both.txt\n"));
        var messy = await _repository.CommitAsync("messy", ("build.sh", $"set -e\n{mess(head)}\n"));
        await _repository.CommitAsync(TestRepository.Main, ("both.txt", "one\n2\n3\n4\n5\n"));
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["sh", "build.sh"];
            options.Environment["PRIVATE"] = Path.Combine(options.StateDirectory!, "repository.git");
        });

        var first = await runner.BuildAsync(messy);
        var second = await runner.BuildAsync(head);

        first.Status.Should().Be(BuildStatus.Succeeded, first.Log);
        second.Lines.Should().Equal("one", "2", "3", "4", "five");
        File.Exists(_repository["ran"]).Should().BeFalse();
    }
}
