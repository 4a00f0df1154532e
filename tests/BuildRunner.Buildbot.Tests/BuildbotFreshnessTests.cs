using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The age of a status. The test is the transport.</summary>
public sealed class BuildbotFreshnessTests : IAsyncDisposable
{
    private static readonly BuildId Build = new("7");

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _provider;
    private bool _isComplete;

    public BuildbotFreshnessTests() => _provider = new ServiceCollection()
        .AddSingleton<TimeProvider>(_time)
        .AddBuildbotBuildRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.Freshness = TimeSpan.FromSeconds(10);
            options.CreateHandler = () => new Master(() => _isComplete);
        })
        .BuildServiceProvider();

    private IBuildRunner Runner => _provider.GetRequiredService<IBuildRunner>();

    private IBuildStatusReader Reader => Runner.As<IBuildStatusReader>()!;

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task A_status_is_as_old_as_the_options_allow_and_no_older_than_is_asked_for()
    {
        await Runner.StatusAsync(Build);
        await Runner.StatusAsync(Build);
        _isComplete = true;
        _time.Advance(TimeSpan.FromSeconds(2));

        var shared = await Runner.StatusAsync(Build);
        var allowed = await Reader.StatusAsync(Build, TimeSpan.FromSeconds(3));
        var hastened = await Reader.StatusAsync(Build, TimeSpan.FromSeconds(1));

        shared.Status.Should().Be(BuildStatus.Running);
        allowed.Status.Should().Be(BuildStatus.Running);
        hastened.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public void The_freshness_is_that_of_the_options() => Reader.Freshness.Should().Be(TimeSpan.FromSeconds(10));

    [Fact]
    public async Task An_age_below_zero_is_refused() =>
        await FluentActions.Awaiting(() => Reader.StatusAsync(Build, TimeSpan.FromTicks(-1))).Should().ThrowAsync<ArgumentOutOfRangeException>();

    private sealed class Master(Func<bool> isComplete) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (complete, results) = isComplete() ? ("true", "0") : ("false", "null");
            var body = request.RequestUri!.AbsolutePath switch
            {
                "/api/v2/builders" => """{"builders":[{"builderid":1,"name":"verify"}]}""",
                "/api/v2/forceschedulers" =>
                    """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":"build_request"}]}]}""",
                // A row that stands there twice counts as it stands there last.
                _ => $$"""
                    {"buildrequests":[{"buildrequestid":7,"builderid":1,"claimed":false,"complete":false,"properties":{"build_request":["{\"head\":[]}",""]} },{"buildrequestid":7,"builderid":1,"claimed":true,"complete":{{complete}},"results":{{results}},"properties":{"build_request":["{\"base\":[],\"head\":[]}",""]} }]}
                    """,
            };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/plain") });
        }
    }
}
