using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The logs of a build, on a transport of the test.</summary>
public sealed class LogTests : IAsyncDisposable
{
    private const int Long = 5 * 1024 * 1024;

    private readonly ServiceProvider _provider;
    private bool _isRefused;

    public LogTests() => _provider = new ServiceCollection()
        .AddBuildbotBuildRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.CreateHandler = () => new Master(() => _isRefused);
        })
        .BuildServiceProvider();

    private IBuildLogSource Logs => _provider.GetRequiredService<IBuildRunner>().As<IBuildLogSource>()!;

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task Logs_that_are_longer_than_any_answer_are_read_one_after_the_other()
    {
        await using var stream = await Logs.OpenLogAsync(new BuildId("7"), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);

        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        text.Length.Should().Be(Long + "the end".Length);
        text.Should().EndWith("the end");
    }

    [Fact]
    public async Task A_log_that_is_refused_is_not_left_out_unseen()
    {
        _isRefused = true;

        var act = async () =>
        {
            await using var stream = await Logs.OpenLogAsync(new BuildId("7"), TestContext.Current.CancellationToken);
            await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        };

        await act.Should().ThrowAsync<BuildRunnerException>();
    }

    private sealed class Master(Func<bool> isRefused) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body) = request.RequestUri!.AbsolutePath switch
            {
                "/api/v2/builders" => (HttpStatusCode.OK, BuildbotAnswers.Builders),
                "/api/v2/forceschedulers" => (HttpStatusCode.OK, BuildbotAnswers.Scheduler),
                "/api/v2/buildrequests/7" => (HttpStatusCode.OK, """{"buildrequests":[{"buildrequestid":7,"builderid":1,"claimed":true,"complete":false}]}"""),
                "/api/v2/buildrequests/7/builds" => (HttpStatusCode.OK, """{"builds":[{"buildid":3,"number":1}]}"""),
                "/api/v2/builds/3/steps" => (HttpStatusCode.OK, """{"steps":[{"stepid":4}]}"""),
                "/api/v2/steps/4/logs" => (HttpStatusCode.OK, """{"logs":[{"logid":5},{"logid":6}]}"""),
                "/api/v2/logs/5/raw" => (HttpStatusCode.OK, new string('x', isRefused() ? 1 : Long)),
                "/api/v2/logs/6/raw" when !isRefused() => (HttpStatusCode.OK, "the end"),
                _ => (HttpStatusCode.Forbidden, """{"error":"not you"}"""),
            };
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "text/plain") });
        }
    }
}
