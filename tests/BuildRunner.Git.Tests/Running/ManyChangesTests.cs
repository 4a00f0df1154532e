namespace BuildRunner.Git.Tests.Running;

/// <summary>More changes in one request than an argument list can hold.</summary>
[Slow]
public sealed class ManyChangesTests
{
    private const int Count = 10_000;

    // Far more than are asked for one by one. To make and to serve more would take a minute.
    private const int Fetched = 2_000;

    [TimedFact]
    public async Task They_are_looked_for_together()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository);
        var tip = await repository.TipAsync();
        Change[] changes = [.. Enumerable.Range(0, Count).Select(number => TestRunner.ChangeOf(number == Count - 1 ? new string('1', 40) : tip))];

        var trigger = () => runner.Runner.TriggerAsync([], changes);

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
    }

    [TimedFact]
    public async Task They_are_applied()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository);
        var tip = await repository.TipAsync();

        var build = await runner.BuildAsync([.. Enumerable.Repeat(tip, Count)]);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    [TimedFact]
    public async Task They_are_fetched_together()
    {
        await using var remote = await RemoteFixture.CreateAsync();
        var commits = await CommitManyAsync(remote.Origin);
        await using var runner = remote.CreateRunner();

        // One that conflicts first, so that it is the fetch that takes the time and not two thousand merges.
        var conflicting = await remote.Origin.CommitAsync("conflicting", ("target.txt", "of head\n"));
        await remote.Origin.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        var build = await runner.BuildAsync([conflicting], commits);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict, build.Log);
        remote.Server.Requests.Count(static request => request.Method == "GET").Should().Be(2, "one is for the tip of the target and one for the fetch");
    }

    [TimedFact]
    public async Task One_of_them_that_the_remote_lacks_is_named()
    {
        var missing = new string('1', 40);
        await using var remote = await RemoteFixture.CreateAsync();
        var commits = await CommitManyAsync(remote.Origin);
        commits[Fetched / 3] = missing;
        await using var runner = remote.CreateRunner();

        var build = await runner.BuildAsync(commits);

        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        build.Log.Should().Contain(missing);
        remote.Server.Requests.Count(static request => request.Method == "GET").Should().BeLessThan(60);
    }

    // No references but that of main, side by side on its first commit.
    private static async Task<string[]> CommitManyAsync(TestRepository repository)
    {
        var text = string.Concat(Enumerable.Range(0, Fetched).Select(static number =>
            $"commit refs/heads/many\nmark :{number + 1}\ncommitter Somebody <somebody@example.org> {number} +0000\ndata 1\nx\nfrom refs/heads/main^0\n\n"));
        await File.WriteAllTextAsync(repository["import"], text);
        await repository.ShellAsync($"git fast-import --quiet --force --export-marks={repository["marks"]} < {repository["import"]}");
        return [.. (await File.ReadAllLinesAsync(repository["marks"])).Select(static line => line.Split(' ')[1])];
    }
}
