namespace BuildRunner.Git.Tests.Isolation;

[Slow]
public sealed class UntouchedRepositoryTests
{
    [TimedFact]
    public async Task The_repository_of_the_user_is_byte_for_byte_as_before()
    {
        using var repository = await TestRepository.CreateAsync();
        var passing = await repository.CommitAsync("passing", ("passing.txt", ""));
        var failing = await repository.CommitAsync("failing", ("failing.txt", ""));
        var conflicting = await repository.CommitAsync("conflicting", ("target.txt", "of head\n"));
        await repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await repository.GitAsync("checkout", "--quiet", "passing");
        repository.Write("passing.txt", "changed, not committed\n");
        repository.Write("staged.txt", "staged\n");
        await repository.GitAsync("add", "staged.txt");
        repository.Write("untracked.txt", "untracked\n");
        var before = DirectoryContent.Describe(repository.Path);

        await using (var runner = new TestRunner(repository, static options => options.Command = ["sh", "-c", "git gc -q; git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x || exit 9; test ! -e failing.txt"]))
        {
            (await runner.BuildAsync(passing)).Status.Should().Be(BuildStatus.Succeeded);
            (await runner.BuildAsync(failing)).FailureKind.Should().Be(BuildFailureKinds.Code);
            (await runner.BuildAsync([passing], [conflicting])).FailureKind.Should().Be(BuildFailureKinds.Conflict);
        }

        DirectoryContent.Describe(repository.Path).Should().Equal(before);
    }
}
