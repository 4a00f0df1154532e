using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>The git runner on a real repository, each instance of its own on one state directory.</summary>
internal class GitHarness : ConformanceHarness, IAsyncDisposable
{
    // The files of the changes tell what a build does.
    private const string Script = """
        at_work=$1
        for file in does-*; do
            case $file in
                does-Fails-*) exit 1 ;;
                does-RunsLong-*) exec sleep 100000 ;;
                does-IgnoresCancel-*) trap '' TERM; touch "$at_work/$BUILDRUNNER_BUILD_ID"; while :; do sleep 1; done ;;
            esac
        done
        """;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly List<TestRunner> _runners = [];
    private readonly Dictionary<string, Change> _changes = [];
    private int _number;

    protected string[] Command => ["sh", "-c", Script, "sh", Path.GetDirectoryName(Repository.Path)!];

    protected TestRepository Repository { get; private set; } = null!;

    protected string State => Repository["state"];

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All;

    // A minute at most, which only a runner that is broken needs.
    public override int MaxWaits => 1200;

    public override int ParallelCalls => 6;

    public virtual async Task OpenAsync() => Repository = await TestRepository.CreateAsync();

    public override IBuildRunner CreateRunner()
    {
        TestRunner runner = new(Repository, Configure);
        _runners.Add(runner);
        return runner.Runner;
    }

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        if (build == ConformanceBuild.Rejected)
        {
            return new BuildRequest { Head = [GitChange.Create("elsewhere", "repository", "refs/heads/any", new string('0', 40))] };
        }

        var name = $"does-{build}-{++_number}";
        var commit = await Repository.CommitAsync(name, (name, ""));
        var change = TestRunner.ChangeOf(commit);
        _changes.Add(commit, change);
        return new BuildRequest { Head = [change] };
    }

    public override Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Wait, cancellationToken);

    public override async Task WaitUntilAtWorkAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        while (!File.Exists(Repository[buildId.Value]))
        {
            await WaitAsync(cancellationToken);
        }
    }

    public override async Task<int?> CountCreatesAsync(CancellationToken cancellationToken)
    {
        var builds = Path.Combine(State, "builds");
        return Directory.Exists(builds) ? Directory.GetDirectories(builds).Length : 0;
    }

    public override async Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var merged = await Repository.GitAsync(
            "--git-dir=" + Path.Combine(State, "repository.git"), "log", "--first-parent", "--reverse", "--merges", "--format=%P", "refs/buildrunner/builds/" + buildId);
        return [.. merged.Split('\n').Select(parents => _changes[parents.Split(' ')[1]])];
    }

    protected virtual void Configure(GitBuildRunnerOptions options)
    {
        options.StateDirectory = State;
        options.Command = Command;
        options.AttributeFailures = true;
        options.Concurrency = 2;
        options.CancelGrace = TimeSpan.FromSeconds(2);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
        {
            await runner.DisposeAsync();
        }

        Repository.Dispose();
    }
}
