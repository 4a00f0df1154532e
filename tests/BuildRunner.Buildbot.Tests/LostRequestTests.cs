using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests;

/// <summary>A master that is configured anew under a running process, and drops what its scheduler does not declare any more.</summary>
public sealed class LostRequestTests : IAsyncDisposable
{
    private readonly List<string> _posts = [];
    private readonly ServiceProvider _provider;
    private string _declared = "build_request";
    private string _properties = "{}";
    private string _state = "\"claimed\":true,\"complete\":true,\"results\":0";

    public LostRequestTests() => _provider = new ServiceCollection()
        .AddBuildbotRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.CreateHandler = () => new Master(this);
        })
        .BuildServiceProvider();

    private IBuildRunner Runner => _provider.GetRequiredService<IBuildRunner>();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData("{}", "\"complete\":true,\"results\":0")]
    [InlineData("{}", "\"complete\":true,\"results\":2")]
    [InlineData("{}", "\"complete\":false,\"results\":null")]
    [InlineData("""{"build_request":["",""]}""", "\"complete\":true,\"results\":0")]
    [InlineData("""{"build_request":["no json",""]}""", "\"complete\":true,\"results\":1")]
    public async Task A_build_that_never_had_its_request_is_a_faulty_setup_and_no_success(string properties, string state)
    {
        var buildId = await Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        (_properties, _state) = (properties, $"\"claimed\":true,{state}");

        for (var poll = 0; poll < 2; poll++)
        {
            var status = () => Runner.StatusAsync(buildId, TestContext.Current.CancellationToken);

            (await status.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("build_request");
        }
    }

    [Fact]
    public async Task After_such_a_build_the_master_is_checked_again_before_anything_is_created()
    {
        var buildId = await Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        _declared = "other";
        await FluentActions.Awaiting(() => Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerConfigurationException>();

        var trigger = () => Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        _posts.Should().ContainSingle();
    }

    [Fact]
    public async Task Such_a_build_may_be_cancelled_and_then_says_so()
    {
        (_properties, _state) = ("{}", "\"claimed\":true,\"complete\":true,\"results\":6");

        var snapshot = await Runner.StatusAsync(new BuildId("7"), TestContext.Current.CancellationToken);

        snapshot.Status.Should().Be(BuildStatus.Cancelled);
    }

    private sealed class Master(LostRequestTests test) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is not null)
            {
                await request.Content.CopyToAsync(Stream.Null, cancellationToken);
                test._posts.Add(request.RequestUri!.AbsolutePath);
            }

            var body = (request.Method.Method, request.RequestUri!.AbsolutePath) switch
            {
                ("POST", _) => """{"id":1,"jsonrpc":"2.0","result":[1,{"1":7}]}""",
                (_, "/api/v2/builders") => BuildbotAnswers.Builders,
                (_, "/api/v2/forceschedulers") => BuildbotAnswers.Scheduler.Replace("build_request", test._declared, StringComparison.Ordinal),
                _ => "{\"buildrequests\":[{\"buildrequestid\":7,\"builderid\":1," + test._state + ",\"properties\":" + test._properties + "}]}",
            };
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
        }
    }
}
