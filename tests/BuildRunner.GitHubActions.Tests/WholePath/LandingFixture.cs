using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BuildRunner.Git;
using BuildRunner.GitHubActions.Landing;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.GitHubActions.Tests.WholePath;

/// <summary>
/// A remote, a GitHub that builds from it, the process that lands, and somebody who submits builds to it by its database.
/// </summary>
internal sealed class LandingFixture : IAsyncDisposable
{
    // Far above what anything takes on a machine with other work.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new();
    private readonly FakeServer<FakeGitHub> _server;
    private readonly IHost _client;
    private TaskCompletionSource? _death;
    private LandingHost? _host;

    private LandingFixture()
    {
        GitHub.Tokens[LandingStage.Token] = DateTimeOffset.MaxValue;
        GitHub.TipOf = Remote.TipOf;
        GitHub.Answer(static request => request.Path.EndsWith("/dispatches", StringComparison.Ordinal), AfterDispatch, stays: true);
        _server = new FakeServer<FakeGitHub>(GitHub);

        // It has no runner.
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddQueue().UseSqlite(ConnectionString);
        builder.Services.AddBuildOrchestration().AddRemoteRunner(LandingStage.Runner, LandingStage.Configure);
        _client = builder.Build();
    }

    public BareRemote Remote { get; } = new();

    public FakeGitHub GitHub { get; } = new(TimeProvider.System);

    /// <summary>Gets what has come of builds: lines of a key, an outcome and a commit.</summary>
    public IReadOnlyList<string> Landings => File.Exists(LandingsFile) ? [.. File.ReadLines(LandingsFile)] : [];

    private string ConnectionString => $"Data Source={Remote["builds.db"]};Pooling=False";

    private string LandingsFile => Remote["landings"];

    private IBuildOrchestrator Builds => _client.Services.GetRequiredService<IBuildOrchestrator>();

    public static async Task<LandingFixture> CreateAsync()
    {
        LandingFixture fixture = new();
        await fixture._server.StartAsync();
        await fixture._client.StartAsync(TestContext.Current.CancellationToken);
        await fixture.StartAsync();
        return fixture;
    }

    public static Change ChangeOf(string branch, string commit) =>
        GitChange.Create(LandingStage.Host, LandingStage.RepositoryName, $"refs/heads/{branch}", commit);

    /// <summary>Starts the process again, which was killed.</summary>
    public async Task RestartAsync()
    {
        await _host!.DisposeAsync();
        await StartAsync();
    }

    public void Kill() => _host!.Kill();

    /// <summary>Kills the process when the next run is made, before it is told of the run.</summary>
    /// <returns>A task that ends with the process.</returns>
    public Task KillInDispatchAsync() => (_death = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public Task StopAsync() => _host!.StopAsync(TestContext.Current.CancellationToken);

    public Task<Build> SubmitAsync(string key, Change[] @base, Change head) => Builds.SubmitAsync(new BuildSubmission
    {
        Key = key,
        OwnerId = "queue",
        Runner = LandingStage.Runner,
        Request = new BuildRequest { Base = [.. @base], Head = [head] },
        Timeout = TimeSpan.FromDays(1),
    });

    public async Task<Build> GetAsync(Build build) => (await Builds.GetAsync(build.Id))!;

    /// <summary>Waits until there are so many runs.</summary>
    /// <returns>The last of them.</returns>
    public async Task<FakeRun> WaitForRunAsync(int count)
    {
        await WaitAsync($"run {count}", () => Task.FromResult(GitHub.Runs.Count >= count));
        return GitHub.Runs[^1];
    }

    /// <summary>Waits until a build is known to run.</summary>
    public Task WaitUntilItRunsAsync(Build build) =>
        WaitAsync($"{build.Key} to run", async () => (await GetAsync(build)).Status == BuildStatus.Running);

    /// <summary>Waits for what the process does with the next build that has ended.</summary>
    public Task WaitForLandingAsync(int count) =>
        WaitAsync($"landing {count}", () => Task.FromResult(Landings.Count >= count));

    public Task WaitForNoBranchAsync(string branch) =>
        WaitAsync($"the end of {branch}", () => Task.FromResult(Remote.TipOf(branch) is null));

    /// <summary>Waits until a run was read more often than before.</summary>
    public Task WaitForReadAsync(FakeRun run, int before) =>
        WaitAsync($"a read of {run.Id}", () => Task.FromResult(ReadsOf(run) > before));

    /// <summary>Gets how often a run was read.</summary>
    public int ReadsOf(FakeRun run) => GitHub.Requests.Count(request =>
        request.Path.Contains($"/runs/{run.Id}", StringComparison.Ordinal) || request.Body.Contains(run.NodeId, StringComparison.Ordinal));

    /// <summary>Has a run build its commit: what was dispatched must still be there, as it was.</summary>
    public void Succeed(FakeRun run)
    {
        Remote.TipOf(run.Reference).Should().Be(run.HeadSha, "a runner checks out what was dispatched");
        run.Set(GitHub.Now, "completed", "success");
    }

    /// <summary>Delivers what GitHub says of a run.</summary>
    /// <returns>The status of the answer.</returns>
    public async Task<int> DeliverAsync(FakeRun run, string secret = LandingStage.WebhookSecret)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["action"] = run.StateAt(GitHub.Now).Status,
            ["workflow_run"] = GitHubAnswers.Run(GitHub, run, run.Attempts),
            ["repository"] = GitHubAnswers.Repository(GitHub),
        }.ToJsonString());
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_host!.Address, $"build-webhooks/{LandingStage.Runner}"))
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-GitHub-Event", "workflow_run");
        request.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        request.Headers.Add("X-Hub-Signature-256",
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _client.StopAsync(CancellationToken.None);
        _client.Dispose();
        await _server.DisposeAsync();
        _http.Dispose();
        Remote.Dispose();
    }

    // A run that goes on until the test ends it.
    private FakeReply AfterDispatch(FakeRequest request, FakeReply reply)
    {
        GitHub.Runs[^1].Set(GitHub.Now, "in_progress");
        if (Interlocked.Exchange(ref _death, null) is not { } death)
        {
            return reply;
        }

        _host!.Kill();
        death.SetResult();
        return FakeReply.Lost;
    }

    private async Task StartAsync() => _host = await LandingHost.StartAsync(
        [ConnectionString, _server.Address.AbsoluteUri, Remote.Address, Remote["state"], LandingsFile],
        TestContext.Current.CancellationToken);

    private async Task WaitAsync(string what, Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"Waited in vain for {what}. {string.Join("; ", Landings)}\n{await _host!.EndAsync()}");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }
}
