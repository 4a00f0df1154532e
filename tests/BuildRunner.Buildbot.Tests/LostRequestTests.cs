using System.Net;
using System.Text;
using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests;

/// <summary>A master that is configured anew under a running process, and drops what its scheduler does not declare any more.</summary>
public sealed class LostRequestTests : IAsyncDisposable
{
    private const string Merged = """{"fullName":"branch","type":"text"},{"fullName":"revision","type":"text"},{"fullName":"build_key","type":"text"}""";

    private readonly List<string> _posts = [];
    private readonly ServiceProvider _provider;
    private ChangesForm _changes;
    private string _scheduler = BuildbotAnswers.Scheduler;
    private string _sourceStamps = "[]";
    private string _builds = "[]";
    private string _declared = "build_request";
    private string _properties = "{}";
    private string _state = "\"claimed\":true,\"complete\":true,\"results\":0";

    public LostRequestTests() => _provider = new ServiceCollection()
        .AddBuildbotBuildRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.Changes = _changes;
            options.CreateHandler = () => new Master(this);
        })
        .BuildServiceProvider();

    private IBuildRunner Runner => _provider.GetRequiredService<IBuildRunner>();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData("{}", "0")]
    [InlineData("{}", "2")]
    [InlineData("""{"build_request":["",""]}""", "0")]
    [InlineData("""{"build_request":["no json",""]}""", "1")]
    public async Task A_build_that_has_ended_without_its_request_is_no_success_and_blames_nobody(string properties, string results)
    {
        var buildId = await Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        (_properties, _state) = (properties, $"\"claimed\":true,\"complete\":true,\"results\":{results}");

        for (var poll = 0; poll < 2; poll++)
        {
            var snapshot = await Runner.StatusAsync(buildId, TestContext.Current.CancellationToken);

            (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
        }
    }

    [Fact]
    public async Task A_build_that_runs_without_its_request_is_a_faulty_setup()
    {
        var buildId = await Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        (_properties, _state) = ("{}", "\"claimed\":true,\"complete\":false,\"results\":null");

        var status = () => Runner.StatusAsync(buildId, TestContext.Current.CancellationToken);

        (await status.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("has lost 'build_request'");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"branch":"main","revision":null}]""")]
    [InlineData("""[{"branch":null,"revision":"0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"}]""")]
    [InlineData("""[{"branch":"build/x","revision":"0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"},{"branch":"main","revision":"1b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"}]""")]
    public async Task A_build_that_has_ended_without_its_commit_is_no_success_and_blames_nobody(string sourceStamps)
    {
        (_changes, _sourceStamps) = (ChangesForm.Merged, sourceStamps);
        _scheduler = WithFields(Merged);

        var snapshot = await Runner.StatusAsync(new BuildId("7"), TestContext.Current.CancellationToken);

        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
    }

    [Theory]
    [InlineData("""[{"buildid":1,"properties":{"got_revision":["0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10",""]}}]""", BuildStatus.Succeeded)]
    [InlineData("""[{"buildid":2,"properties":{"got_revision":["0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10",""]}},{"buildid":1,"properties":{}}]""", BuildStatus.Succeeded)]
    [InlineData("""[{"buildid":1,"properties":{"got_revision":["1b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10",""]}}]""", BuildStatus.Failed)]
    [InlineData("""[{"buildid":1,"properties":{}}]""", BuildStatus.Failed)]
    [InlineData("[]", BuildStatus.Failed)]
    public async Task A_success_is_one_of_the_commit_that_was_checked_out(string builds, BuildStatus expected)
    {
        (_changes, _builds) = (ChangesForm.Merged, builds);
        _sourceStamps = """[{"branch":"build/x","revision":"0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"}]""";
        _scheduler = WithFields(Merged);

        for (var poll = 0; poll < 2; poll++)
        {
            var snapshot = await Runner.StatusAsync(new BuildId("7"), TestContext.Current.CancellationToken);

            snapshot.Status.Should().Be(expected);
            snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind).Should().Be(expected == BuildStatus.Failed ? BuildFailureKinds.Infra : null);
        }
    }

    [Theory]
    [InlineData("""{"fullName":"branch","type":"text"},{"fullName":"revision","type":"fixed"}""")]
    [InlineData("""{"fullName":"branch","type":"fixed"},{"fullName":"revision","type":"text"}""")]
    [InlineData("""{"fullName":"build_request","type":"text"}""")]
    public async Task A_master_that_would_drop_the_commit_is_given_none(string fields)
    {
        _changes = ChangesForm.Merged;
        _scheduler = WithFields(fields);

        var trigger = () => Runner.TriggerAsync(
            new BuildRequest { Head = [new Change($"git://git.example.org/shop/refs%2Fheads%2Fbuild%2Fx/{new string('0', 40)}")] }, TestContext.Current.CancellationToken);

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        _posts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_request_of_another_form_than_that_of_merged_commits_is_rejected_unsent()
    {
        _changes = ChangesForm.Merged;

        var trigger = () => Runner.TriggerAsync(new BuildRequest { Head = [new Change("test:x")] }, TestContext.Current.CancellationToken);

        await trigger.Should().ThrowExactlyAsync<BuildRunnerException>();
        _posts.Should().BeEmpty();
    }

    [Fact]
    public async Task After_such_a_build_the_master_is_checked_again_before_anything_is_created()
    {
        var buildId = await Runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        _state = "\"claimed\":true,\"complete\":false,\"results\":null";
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

    private static string WithFields(string fields) => $$"""{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":null,"fields":[{{fields}}]}]}]}""";

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
                (_, "/api/v2/forceschedulers") => test._scheduler.Replace("build_request", test._declared, StringComparison.Ordinal),
                (_, "/api/v2/buildrequests/7/builds") => "{\"builds\":" + test._builds + "}",
                (_, "/api/v2/buildsets/9") => "{\"buildsets\":[{\"bsid\":9,\"sourcestamps\":" + test._sourceStamps + "}]}",
                _ => "{\"buildrequests\":[{\"buildrequestid\":7,\"buildsetid\":9,\"builderid\":1," + test._state + ",\"properties\":" + test._properties + "}]}",
            };
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
        }
    }
}
