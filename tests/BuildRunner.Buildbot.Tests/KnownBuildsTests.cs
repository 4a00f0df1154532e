using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The knowledge that the runner keeps about a build. The test is its transport.</summary>
public sealed class KnownBuildsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _provider;
    private int _singleReads;
    private bool _isComplete;

    public KnownBuildsTests() => _provider = new ServiceCollection()
        .AddSingleton<TimeProvider>(_time)
        .AddBuildbotBuildRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.Freshness = TimeSpan.FromMinutes(1);
            options.CreateHandler = () => new Master(this);
        })
        .BuildServiceProvider();

    private IBuildRunner Runner => _provider.GetRequiredService<IBuildRunner>();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task A_build_that_a_failed_cancel_may_have_ended_is_read_anew()
    {
        BuildId build = new("7");
        await Runner.StatusAsync(build);
        await Runner.StatusAsync(build);
        await FluentActions.Awaiting(() => Runner.CancelAsync(build)).Should().ThrowAsync<BuildRunnerException>();
        _isComplete = true;

        var snapshot = await Runner.StatusAsync(build);

        snapshot.Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task One_build_too_many_does_not_make_the_runner_forget_the_others()
    {
        const int Builds = 10_001;
        for (var id = 1; id <= Builds; id++)
        {
            await Runner.StatusAsync(new BuildId($"{id}"));
        }

        var before = _singleReads;
        for (var id = Builds - 100; id <= Builds; id++)
        {
            await Runner.StatusAsync(new BuildId($"{id}"));
        }

        before.Should().Be(Builds);
        _singleReads.Should().Be(before);
    }

    private sealed class Master(KnownBuildsTests test) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded);
            }

            var body = request.RequestUri!.AbsolutePath switch
            {
                "/api/v2/builders" => BuildbotAnswers.Builders,
                "/api/v2/forceschedulers" => BuildbotAnswers.Scheduler,
                "/api/v2/buildrequests" => ListOf([.. request.RequestUri.Query.Split('&').Where(static part => part.Contains("__eq=", StringComparison.Ordinal)).Select(static part => part.Split('=')[1])]),
                var path => Single(path.Split('/')[^1]),
            };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/plain") });
        }

        private string Single(string id)
        {
            test._singleReads++;
            return ListOf(id);
        }

        private string ListOf(params string[] ids) => "{\"buildrequests\":[" + string.Join(',', ids.Select(RowOf)) + "]}";

        private string RowOf(string id) =>
            "{\"buildrequestid\":" + id + ",\"builderid\":1,\"claimed\":true,\"properties\":{\"build_request\":[\"{\\\"head\\\":[]}\",\"\"]},"
            + (test._isComplete ? "\"complete\":true,\"results\":6}" : "\"complete\":false}");
    }
}
