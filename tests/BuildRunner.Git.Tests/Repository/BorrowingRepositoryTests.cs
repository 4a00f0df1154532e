namespace BuildRunner.Git.Tests.Repository;

/// <summary>A repository that borrows objects from one that borrows, and so on: git itself goes five deep.</summary>
[Slow]
public sealed class BorrowingRepositoryTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(12, true)]
    public async Task It_can_be_as_deep_as_it_likes(int depth, bool isRelative)
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        var last = await ChainAsync(depth, isRelative);
        await using var runner = new TestRunner(_repository, options =>
        {
            options.Repository = last;
            options.Command = ["sh", "-c", "git log --format=%s -1; ls"];
        });

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal($"Apply {head}", "head.txt", "target.txt");
    }

    [TimedFact]
    public async Task It_can_go_round_in_a_circle()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        var last = await ChainAsync(2, isRelative: false);
        await File.WriteAllTextAsync(Path.Combine(_repository.Path, ".git/objects/info/alternates"), $"# back to the last\n\n{last}/objects\n{_repository["gone"]}/objects\n");
        await using var runner = new TestRunner(_repository, options => options.Repository = last);

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    // The objects are in the first alone.
    private async Task<string> ChainAsync(int depth, bool isRelative)
    {
        var tip = await _repository.TipAsync();
        var previous = Path.Combine(_repository.Path, ".git");
        for (var number = 1; number <= depth; number++)
        {
            var next = _repository[$"{number}.git"];
            await _repository.GitAsync("init", "--quiet", "--bare", "--initial-branch=main", next);
            var objects = Path.Combine(next, "objects");
            await File.WriteAllTextAsync(Path.Combine(objects, "info/alternates"), (isRelative ? Path.GetRelativePath(objects, previous + "/objects") : previous + "/objects") + "\n");
            await File.WriteAllTextAsync(Path.Combine(next, "refs/heads/main"), tip + "\n");
            previous = next;
        }

        return previous;
    }
}
