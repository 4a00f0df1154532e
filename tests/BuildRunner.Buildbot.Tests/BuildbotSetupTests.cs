using System.Net;
using System.Text;
using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The checks and logins of the runner. The test is its transport, and repeats answers of a real master.</summary>
public sealed class BuildbotSetupTests
{
    private const string Builders = BuildbotAnswers.Builders;
    private const string Scheduler = BuildbotAnswers.Scheduler;
    private const string Forced = """{"id":1,"jsonrpc":"2.0","result":[1,{"1":7}]}""";

    [Fact]
    public async Task A_trigger_gives_the_number_of_the_build_request()
    {
        await using var provider = Provide(Answer());

        var buildId = await provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest());

        buildId.Should().Be(new BuildId("7"));
    }

    [Fact]
    public async Task What_a_trigger_looks_up_is_no_poll()
    {
        List<string?> operations = [];
        var answer = Answer();
        await using var provider = Provide(request =>
        {
            operations.Add(request.Options.TryGetValue(HttpBackend.Operation, out var operation) ? operation : null);
            return request.RequestUri!.AbsolutePath switch
            {
                "/api/v2/buildsets" => Reply(HttpStatusCode.OK, """{"buildsets":[{"bsid":1}]}"""),
                "/api/v2/buildrequests" => Reply(HttpStatusCode.OK, """{"buildrequests":[]}"""),
                _ => answer(request),
            };
        });

        await provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest { TriggerKey = "key" });

        operations.Should().HaveCount(5);
        operations.Take(4).Should().OnlyContain(static operation => operation == HttpOperations.Check);
        operations[4].Should().Be(HttpOperations.Create);
    }

    [Theory]
    [InlineData("""{"builders":[]}""", Scheduler)]
    [InlineData(Builders, """{"forceschedulers":[{"name":"other","builder_names":["verify"],"all_fields":[{"fullName":"build_request"}]}]}""")]
    [InlineData(Builders, """{"forceschedulers":[{"name":"force","builder_names":["other"],"all_fields":[{"fullName":"build_request"}]}]}""")]
    [InlineData(Builders, """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"}]}]}""")]
    [InlineData(Builders, """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason","type":"fixed"},{"fullName":"build_request"}]}]}""")]
    [InlineData(Builders, """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":"build_request"},{"fullName":null,"fields":[{"fullName":"ticket","required":true}]}]}]}""")]
    public async Task What_the_master_lacks_is_a_faulty_setup_and_nothing_is_created(string builders, string schedulers)
    {
        List<string> requests = [];
        await using var provider = Provide(Answer(builders, schedulers, requests));

        var act = () => provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest());

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        requests.Should().NotContain(static request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scheduler_that_refuses_what_all_requests_give_it_is_a_faulty_setup_and_looked_at_again()
    {
        List<string> requests = [];
        var answer = Answer(requests: requests);
        await using var provider = Provide(request => request.Method == HttpMethod.Post
            ? Reply(HttpStatusCode.BadRequest, """{"error":{"code":-32602,"message":{"ticket":"is required"}},"id":1,"jsonrpc":"2.0"}""")
            : answer(request));

        for (var trigger = 0; trigger < 2; trigger++)
        {
            await FluentActions.Awaiting(() => provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest()))
                .Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        }

        requests.Count(static request => request == "GET /api/v2/forceschedulers").Should().Be(2);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"status":"maintenance"}""")]
    [InlineData(HttpStatusCode.NotFound, """{"message":"no Route matched with those values"}""")]
    public async Task What_a_gateway_says_in_JSON_is_not_the_word_of_Buildbot(HttpStatusCode status, string body)
    {
        var isAway = false;
        var answer = Answer();
        HttpResponseMessage OfGateway() => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        await using var provider = Provide(request => isAway ? OfGateway() : answer(request), static options => options.CallTimeout = TimeSpan.FromSeconds(1));
        var runner = provider.GetRequiredService<IBuildRunner>();
        await runner.TriggerAsync(new BuildRequest());
        isAway = true;

        Func<Task>[] calls = [() => runner.StatusAsync(new BuildId("7")), () => runner.As<IBuildFinder>()!.FindAsync("key")];

        foreach (var call in calls)
        {
            (await call.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        }
    }

    [Fact]
    public async Task A_number_that_a_master_gives_again_is_of_the_new_build()
    {
        var state = "\"claimed\":true,\"complete\":true,\"results\":0";
        var answer = Answer();
        await using var provider = Provide(request => request.RequestUri!.AbsolutePath.StartsWith("/api/v2/buildrequests", StringComparison.Ordinal)
            ? Reply(HttpStatusCode.OK, "{\"buildrequests\":[{\"buildrequestid\":7,\"builderid\":1," + state + ",\"properties\":{\"build_request\":[\"{\\\"head\\\":[]}\",\"\"]}}]}")
            : answer(request));
        var runner = provider.GetRequiredService<IBuildRunner>();
        var first = await runner.TriggerAsync(new BuildRequest());
        (await runner.StatusAsync(first)).Status.Should().Be(BuildStatus.Succeeded);
        (await runner.StatusAsync(first)).Status.Should().Be(BuildStatus.Succeeded);

        state = "\"claimed\":true,\"complete\":false,\"results\":-1";
        var second = await runner.TriggerAsync(new BuildRequest());

        second.Should().Be(first);
        (await runner.StatusAsync(second)).Status.Should().Be(BuildStatus.Running);
    }

    [Theory]
    [InlineData("TWISTED_SESSION")]
    [InlineData("TWISTED_SECURE_SESSION")]
    public async Task The_runner_logs_in_once_and_again_when_its_session_is_refused(string cookieName)
    {
        List<string> requests = [];
        var session = 0;
        var answer = Answer(requests: requests);
        await using var provider = Provide(
            request =>
            {
                if (request.RequestUri!.AbsolutePath == "/auth/login")
                {
                    requests.Add("login");
                    HttpResponseMessage login = new(HttpStatusCode.Found);

                    // A master gives a visitor a session, and the user another one in its place.
                    login.Headers.TryAddWithoutValidation("Set-Cookie", $"{cookieName}=anonymous; Path=/");
                    login.Headers.TryAddWithoutValidation("Set-Cookie", $"{cookieName}=session-{++session}; Path=/");
                    return login;
                }

                // The first session ends after the checks.
                var cookie = request.Headers.GetValues("Cookie").Single();
                return (request.Method == HttpMethod.Post && cookie == $"{cookieName}=session-1") || cookie == $"{cookieName}=anonymous"
                    ? Reply(HttpStatusCode.Forbidden, """{"error":"you need to have some role to access this"}""")
                    : answer(request);
            },
            static options =>
            {
                options.UserName = "queue";
                options.Password = static _ => new("s3cret-password");
            });

        var buildId = await provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest());

        buildId.Should().Be(new BuildId("7"));
        requests.Count(static request => request == "login").Should().Be(2);
    }

    [Fact]
    public async Task A_password_that_is_refused_is_a_faulty_setup_that_does_not_name_it()
    {
        await using var provider = Provide(static _ => Reply(HttpStatusCode.Unauthorized, "no entry for s3cret-password"), static options =>
        {
            options.UserName = "queue";
            options.Password = static _ => new("s3cret-password");
        });

        var act = () => provider.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest());

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.ToString().Should().NotContain("s3cret");
    }

    [Fact]
    public async Task An_id_that_is_no_number_is_not_found_and_never_sent()
    {
        List<string> requests = [];
        await using var provider = Provide(Answer(requests: requests));

        var act = () => provider.GetRequiredService<IBuildRunner>().StatusAsync(new BuildId("../builders"));

        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
        requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Each_key_has_a_runner_of_its_own()
    {
        await using var provider = new ServiceCollection()
            .AddKeyedBuildbotBuildRunner("one", static options => (options.Url, options.Builder) = (new Uri("http://one.test/"), "verify"))
            .AddKeyedBuildbotBuildRunner("two", static options => (options.Url, options.Builder) = (new Uri("http://two.test/"), "verify"))
            .BuildServiceProvider();

        var one = provider.GetRequiredKeyedService<IBuildRunner>("one");

        one.Should().BeSameAs(provider.GetRequiredKeyedService<BuildbotBuildRunner>("one")).And.NotBeSameAs(provider.GetRequiredKeyedService<IBuildRunner>("two"));
    }

    public static TheoryData<string, Action<BuildbotBuildRunnerOptions>> Mistakes => new()
    {
        { nameof(BuildbotBuildRunnerOptions.Url), static options => options.Url = null },
        { nameof(BuildbotBuildRunnerOptions.Url), static options => options.Url = new Uri("ftp://ci.test/") },
        { nameof(BuildbotBuildRunnerOptions.Url), static options => options.Url = new Uri("http://user:password@ci.test/") },
        { nameof(BuildbotBuildRunnerOptions.Builder), static options => options.Builder = " " },
        { nameof(BuildbotBuildRunnerOptions.Scheduler), static options => options.Scheduler = "" },
        { nameof(BuildbotBuildRunnerOptions.Password), static options => options.UserName = "queue" },
        { nameof(BuildbotBuildRunnerOptions.Freshness), static options => options.Freshness = TimeSpan.FromHours(1) },
        { nameof(BuildbotBuildRunnerOptions.CallTimeout), static options => options.CallTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_is_named(string option, Action<BuildbotBuildRunnerOptions> mistake)
    {
        await using var provider = Provide(Answer(), mistake);

        var act = () => provider.GetRequiredService<IBuildRunner>();

        act.Should().ThrowExactly<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain(option);
    }

    private static ServiceProvider Provide(Func<HttpRequestMessage, HttpResponseMessage> answer, Action<BuildbotBuildRunnerOptions>? configure = null) =>
        new ServiceCollection().AddBuildbotBuildRunner(options =>
        {
            options.Url = new Uri("http://ci.test/");
            options.Builder = "verify";
            options.CreateHandler = () => new AnsweringHandler(answer);
            configure?.Invoke(options);
        }).BuildServiceProvider();

    private static Func<HttpRequestMessage, HttpResponseMessage> Answer(string builders = Builders, string schedulers = Scheduler, List<string>? requests = null) => request =>
    {
        requests?.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
        return (request.Method.Method, request.RequestUri!.AbsolutePath) switch
        {
            ("GET", "/api/v2/builders") => Reply(HttpStatusCode.OK, builders),
            ("GET", "/api/v2/forceschedulers") => Reply(HttpStatusCode.OK, schedulers),
            ("POST", "/api/v2/forceschedulers/force") => Reply(HttpStatusCode.OK, Forced),
            _ => Reply(HttpStatusCode.NotFound, """{"error":"Invalid path"}"""),
        };
    };

    private static HttpResponseMessage Reply(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };

    private sealed class AnsweringHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is not null)
            {
                await request.Content.CopyToAsync(Stream.Null, cancellationToken);
            }

            return answer(request);
        }
    }
}
