using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
/// <remarks>A test fails at its end where GitHub's specification has something against a call.</remarks>
internal sealed class GitHubSetup : FakeSetup<GitHubActionsBuildRunner, GitHubActionsBuildRunnerOptions>
{
    public const string Token = "ghp_a-token-of-the-tests";

    private readonly FakeMode _mode;

    /// <summary>Initializes a new instance of the <see cref="GitHubSetup"/> class.</summary>
    /// <param name="mode">Which GitHub it is.</param>
    /// <param name="configure">Sets what differs from the usual options.</param>
    /// <param name="checker">A second opinion on each call; null leaves it out.</param>
    public GitHubSetup(
        FakeMode mode = FakeMode.GitHub,
        Action<GitHubActionsBuildRunnerOptions>? configure = null,
        NodeChecker? checker = null)
        : base(configure)
    {
        _mode = mode;
        GitHub = new FakeGitHub(Time, mode);
        Spec = Specification.Before(GitHub, checker);
        GitHub.Tokens[Token] = DateTimeOffset.MaxValue;
    }

    public FakeGitHub GitHub { get; }

    /// <summary>Gets what holds each call against GitHub's specification.</summary>
    public SpecCheckingHandler Spec { get; }

    /// <summary>Gets how findings begin that the test is there for, and that have to be found.</summary>
    public IReadOnlyList<string> Deviations { get; init; } = [];

    /// <summary>Gets the requests since the last look at them, each as method and path.</summary>
    public IReadOnlyList<string> Paths => [.. GitHub.Requests.Select(static request => $"{request.Method} {request.Path}")];

    protected override HttpMessageHandler Transport => Spec;

    /// <summary>Sets where a GitHub is, and the version of its API.</summary>
    public static void Address(GitHubActionsBuildRunnerOptions options, FakeMode mode)
    {
        options.ApiUrl = new Uri(mode is FakeMode.Ghes319 or FakeMode.Ghes321 ? "https://ghe.test/api/v3" : "https://api.github.test");
        options.ApiVersion = mode == FakeMode.V2026 ? "2026-03-10" : options.ApiVersion;
    }

    /// <summary>A build that was triggered a while ago, with its run.</summary>
    public async Task<(BuildId BuildId, FakeRun Run)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, GitHub.RunOf(buildId));
    }

    public int CountOf(string method, string end) => GitHub.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Specification.Verify(Spec, GitHub, Deviations);
    }

    protected override void Register(IServiceCollection services, Action<GitHubActionsBuildRunnerOptions> configure) =>
        services.AddGitHubActionsBuildRunner(configure);

    protected override void Configure(GitHubActionsBuildRunnerOptions options)
    {
        Address(options, _mode);
        (options.Owner, options.Repository, options.Workflow) = (GitHub.Owner, GitHub.Repository, FakeGitHub.WorkflowFile);
        options.Token = static _ => new(Token);
    }
}
