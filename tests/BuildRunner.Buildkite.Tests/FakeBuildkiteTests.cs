using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The fake does what Buildkite's documentation says, also where the runner never asks for it.</summary>
public sealed class FakeBuildkiteTests : FakeServiceTests, IDisposable
{
    private const string Blank = "Meta data value can't be blank, and is 100 kilobytes at most";
    private const string Root = "https://api.buildkite.test/v2/organizations/acme/pipelines/verify/";

    private static readonly string[] Members = ["Scope", "Limit", "Remaining", "Reset"];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeBuildkite _buildkite;
    private readonly HttpClient _client;

    public FakeBuildkiteTests()
    {
        _buildkite = new FakeBuildkite(_time);
        _buildkite.Tokens["bkua_test"] = BuildkiteSetup.Scopes;
        _client = new HttpClient(new FakeTransport(_buildkite))
        {
            BaseAddress = new Uri(Root),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", "bkua_test") },
        };
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("""{"commit":"HEAD","branch":"main"}""", 201, null)]
    [InlineData("""{"commit":"HEAD"}""", 422, "Validation Failed")]
    [InlineData("""{"branch":"main"}""", 422, "Validation Failed")]
    [InlineData("""{"commit":"HEAD","branch":"main","meta_data":{"k":""}}""", 422, Blank)]
    [InlineData("""{"commit":"HEAD","branch":"main","meta_data":{"k":" "}}""", 422, Blank)]
    [InlineData("""{"commit":"HEAD","branch":"main","meta_data":{"k":true}}""", 201, null)]
    [InlineData("no JSON", 400, "Invalid JSON")]
    public async Task A_create_needs_a_commit_and_a_branch_and_takes_no_blank_meta_data(string call, int status, string? message)
    {
        var (answered, body) = await SendAsync(HttpMethod.Post, "builds", call);

        (answered, body?["message"]?.ToString()).Should().Be((status, status == 201 ? "" : message));
        _buildkite.Builds.Should().HaveCount(status == 201 ? 1 : 0);
        _buildkite.Creates.Should().Be(1, "creates are counted, refused or not");
    }

    [Fact]
    public async Task Each_answer_tells_two_budgets_in_seconds_to_their_reset_and_a_429_has_no_Retry_After()
    {
        _buildkite.Limits = (200, 2);
        using var first = await _client.GetAsync(new Uri("builds", UriKind.Relative));
        _time.Advance(TimeSpan.FromSeconds(18));
        await _client.GetAsync(new Uri("builds", UriKind.Relative));
        using var third = await _client.GetAsync(new Uri("builds", UriKind.Relative));
        var body = JsonNode.Parse(await third.Content.ReadAsStringAsync())!;
        _time.Advance(TimeSpan.FromSeconds(42));
        using var fourth = await _client.GetAsync(new Uri("builds", UriKind.Relative));

        HeadersOf(first, "RateLimit-").Should().Be("rest 200 199 60 | rest_user 2 1 60");
        third.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        HeadersOf(third, "RateLimit-").Should().Be("rest 200 197 42 | rest_user 2 0 42");
        third.Headers.Contains("Retry-After").Should().BeFalse();
        third.Headers.Contains("RateLimit-User-Warning").Should().BeTrue();
        body["scope"]!.GetValue<string>().Should().Be("rest_user");
        (body["current"]!.GetValue<int>(), body["reset"]!.GetValue<int>()).Should().Be((3, 42));
        fourth.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("creating", 422)]
    [InlineData("scheduled", 200)]
    [InlineData("running", 200)]
    [InlineData("failing", 200)]
    [InlineData("canceling", 422)]
    [InlineData("passed", 422)]
    public async Task A_cancel_is_for_what_is_scheduled_running_or_failing(string state, int status)
    {
        var build = _buildkite.AddBuild();
        build.Set(_time.GetUtcNow(), state);

        var (answered, body) = await SendAsync(HttpMethod.Put, "builds/1/cancel");

        (answered, body?["state"]?.ToString()).Should().Be((status, status == 200 ? "canceling" : null));
        _time.Advance(TimeSpan.FromSeconds(2));
        build.StateAt(_time.GetUtcNow()).State.Should().Be(status == 200 ? "canceled" : state);
    }

    [Fact]
    public async Task A_build_that_is_blocked_keeps_its_last_state_and_is_listed_as_blocked()
    {
        _buildkite.AddBuild().Set(_time.GetUtcNow(), "passed", blocked: true);

        var (_, body) = await SendAsync(HttpMethod.Get, "builds/1");
        var listed = await ListAsync("state[]=blocked");

        (body!["state"]!.GetValue<string>(), body["blocked"]!.GetValue<bool>()).Should().Be(("passed", true));
        listed.Should().Equal(1);
        (await ListAsync("state[]=passed")).Should().BeEmpty();
    }

    [Fact]
    public async Task Failed_jobs_that_are_retried_reopen_the_same_number_and_a_rebuild_makes_another()
    {
        var build = _buildkite.AddBuild(env: new JsonObject { ["K"] = "v" }, metaData: new JsonObject { ["build_key"] = "br-1" });
        build.Set(_time.GetUtcNow(), "failed");

        var (retried, _) = await SendAsync(HttpMethod.Put, "builds/1/retry_failed_jobs");
        var (_, copy) = await SendAsync(HttpMethod.Put, "builds/1/rebuild");

        retried.Should().Be(202);
        build.StateAt(_time.GetUtcNow()).State.Should().Be("running");
        (copy!["number"]!.GetValue<int>(), copy["rebuilt_from"]!["number"]!.GetValue<int>()).Should().Be((2, 1));
        copy["env"]!.ToJsonString().Should().Be("""{"K":"v"}""");
        copy["meta_data"]!.AsObject().Should().BeEmpty("a copy has the environment alone");
    }

    [Fact]
    public async Task Builds_of_one_branch_end_each_other_where_the_pipeline_says_so()
    {
        (_buildkite.SkipsQueued, _buildkite.CancelsRunning, _buildkite.CancelsRunningOf) = (true, true, "!release");
        var (queued, running, other) = (_buildkite.AddBuild(), _buildkite.AddBuild(), _buildkite.AddBuild("release"));
        queued.Set(_time.GetUtcNow(), "scheduled");
        running.Set(_time.GetUtcNow(), "running");
        other.Set(_time.GetUtcNow(), "running");

        await SendAsync(HttpMethod.Post, "builds", """{"commit":"HEAD","branch":"main"}""");
        await SendAsync(HttpMethod.Post, "builds", """{"commit":"HEAD","branch":"release"}""");

        string? StateOf(FakeBuild build) => build.StateAt(_time.GetUtcNow()).State;
        (StateOf(queued), StateOf(running), StateOf(other)).Should().Be(("skipped", "canceling", "running"));
        running.CancelReason.Should().Be("Superseded by a newer build");
    }

    [Fact]
    public async Task A_list_has_the_newest_first_pages_filters_and_an_end()
    {
        for (var build = 0; build < 150; build++)
        {
            _buildkite.AddBuild(build % 2 == 0 ? "main" : "topic/x", metaData: new JsonObject { ["parity"] = $"{build % 2}" });
        }

        _buildkite.Limits = (1000, 1000);
        (await ListAsync("")).Should().HaveCount(30).And.StartWith(150);
        (await ListAsync("per_page=100")).Should().HaveCount(100);
        (await ListAsync("per_page=500")).Should().HaveCount(100, "that is the most");
        (await ListAsync("per_page=100&page=2")).Should().HaveCount(50).And.EndWith(1);
        (await ListAsync("branch[]=topic*&per_page=100")).Should().HaveCount(75);
        (await ListAsync("meta_data%5Bparity%5D=0&per_page=100")).Should().HaveCount(75);
        (await ListAsync("state[]=passed")).Should().BeEmpty();
        (await SendAsync(HttpMethod.Get, "builds?page=101&per_page=100")).Status.Should().Be(400);
        using var first = await _client.GetAsync(new Uri("builds?per_page=100", UriKind.Relative));
        first.Headers.GetValues("Link").Single().Should().Contain("next");
    }

    [Fact]
    public async Task What_has_finished_lately_is_listed_and_all_pipelines_together()
    {
        var (old, late) = (_buildkite.AddBuild(), _buildkite.AddBuild());
        old.Set(_time.GetUtcNow(), "passed");
        _time.Advance(TimeSpan.FromMinutes(5));
        late.Set(_time.GetUtcNow(), "passed");

        (await ListAsync("state[]=finished&finished_from=2026-11-29T12:04:00Z")).Should().Equal(2);
        var reply = await _client.GetStringAsync(new Uri("https://api.buildkite.test/v2/organizations/acme/builds"));
        JsonNode.Parse(reply)!.AsArray().Should().HaveCount(2);
    }

    [Fact]
    public async Task A_build_shows_jobs_by_state_and_leaves_out_those_that_were_retried()
    {
        var build = _buildkite.AddBuild();
        build.Jobs = () =>
        {
            var retried = BuildkiteAnswers.Job(_buildkite, build, 1, "a", "failed", 1);
            retried["retried"] = true;
            var (passed, failed) = (
                BuildkiteAnswers.Job(_buildkite, build, 2, "a", "passed"), BuildkiteAnswers.Job(_buildkite, build, 3, "b", "failed", 1));
            return [retried, passed, failed];
        };

        async Task<int> CountAsync(string query) =>
            (await SendAsync(HttpMethod.Get, $"builds/1?{query}")).Body!["jobs"]?.AsArray().Count ?? 0;

        (await CountAsync("")).Should().Be(2);
        (await CountAsync("include_retried_jobs=true")).Should().Be(3);
        (await CountAsync("job_states[]=failed")).Should().Be(1);
        (await CountAsync("exclude_jobs=true")).Should().Be(0);
    }

    [Theory]
    [InlineData("bytes=-4", "text/plain", 206, "log\n")]
    [InlineData("bytes=-400", "text/plain", 206, "the log\n")]
    [InlineData("bytes=-0", "text/plain", 400, null)]
    [InlineData("bytes=2-4", "text/plain", 400, null)]
    [InlineData("bytes=-4", "application/json", 400, null)]
    [InlineData(null, "text/plain", 200, "the log\n")]
    public async Task A_log_gives_its_end_and_no_other_part(string? range, string accept, int status, string? text)
    {
        var build = _buildkite.AddBuild();
        var id = BuildkiteAnswers.JobId(build, 1);
        _buildkite.Logs[id] = "the log\n";
        using HttpRequestMessage request = new(HttpMethod.Get, $"builds/1/jobs/{id}/log") { Headers = { { "Accept", accept } } };
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        using var reply = await _client.SendAsync(request);

        ((int)reply.StatusCode).Should().Be(status);
        if (text is not null)
        {
            (await reply.Content.ReadAsStringAsync()).Should().Be(text);
        }

        if (range == "bytes=-4" && status == 206)
        {
            reply.Content.Headers.ContentRange!.ToString().Should().Be("bytes 4-7/8");
        }
    }

    [Fact]
    public async Task A_log_tells_its_size_and_an_empty_one_has_no_end()
    {
        var build = _buildkite.AddBuild();
        var id = BuildkiteAnswers.JobId(build, 1);
        _buildkite.Logs[id] = "the log\n";
        using HttpRequestMessage head = new(HttpMethod.Head, $"builds/1/jobs/{id}/log.txt");
        using var reply = await _client.SendAsync(head);
        reply.Content.Headers.ContentLength.Should().Be(8);
        _buildkite.Logs[id] = "";
        using HttpRequestMessage tail = new(HttpMethod.Get, $"builds/1/jobs/{id}/log.txt");
        tail.Headers.TryAddWithoutValidation("Range", "bytes=-4");

        (await _client.SendAsync(tail)).StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Theory]
    [InlineData("GET", "builds/1", "write_builds", 403)]
    [InlineData("PUT", "builds/1/cancel", "read_builds", 403)]
    [InlineData("GET", "builds/1/jobs/x/log", "read_builds", 403)]
    [InlineData("GET", "builds/1", "read_builds", 200)]
    [InlineData("GET", "builds/2", "read_builds", 404)]
    [InlineData("GET", "builds//1", "read_builds", 404)]
    public async Task A_call_needs_its_scope_and_an_address_that_is_there(string method, string path, string scope, int status)
    {
        _buildkite.AddBuild();
        _buildkite.Tokens["bkua_test"] = [scope];

        (await SendAsync(new HttpMethod(method), path)).Status.Should().Be(status);
    }

    [Fact]
    public async Task A_hidden_pipeline_a_token_that_is_unknown_a_list_that_lags_and_states_of_a_test()
    {
        _buildkite.ListLag = TimeSpan.FromSeconds(5);
        var build = _buildkite.AddBuild();
        (await ListAsync("")).Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(5));
        (await ListAsync("")).Should().Equal(1);
        build.Set(_time.GetUtcNow(), "pondering");
        _buildkite.VariesMembers = true;
        var (_, body) = await SendAsync(HttpMethod.Get, "builds/1");
        (body!["state"]!.GetValue<string>(), body.AsObject().ContainsKey("web_url"), body.AsObject().ContainsKey("added_in_2031")).Should()
            .Be(("pondering", false, true));
        _buildkite.IsHidden = true;
        (await SendAsync(HttpMethod.Get, "builds/1")).Status.Should().Be(404);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "bkua_test");
        (await SendAsync(HttpMethod.Get, "builds/1")).Status.Should().Be(401);
    }

    private protected override FakeService Service => _buildkite;

    protected override int Creates => _buildkite.Creates;

    protected override int Builds => _buildkite.Builds.Count;

    protected override Task<HttpResponseMessage> SendCreateAsync(string key) => _client.PostAsync(
        new Uri("builds", UriKind.Relative),
        new StringContent(
            $$$"""{"commit":"HEAD","branch":"main","meta_data":{"build_key":"{{{key}}}"}}""", Encoding.UTF8, "application/json"));

    private static string HeadersOf(HttpResponseMessage reply, string prefix)
    {
        string Of(string infix) => string.Join(' ', Members.Select(name => reply.Headers.GetValues($"{prefix}{infix}{name}").Single()));
        return $"{Of("")} | {Of("User-")}";
    }

    private async Task<IEnumerable<int>> ListAsync(string query)
    {
        var (_, body) = await SendAsync(HttpMethod.Get, $"builds?exclude_jobs=true&{query}");
        return body!.AsArray().Select(static build => build!["number"]!.GetValue<int>());
    }

    private async Task<(int Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? call = null)
    {
        using HttpRequestMessage request = new(method, path);
        request.Content = call is null ? null : new StringContent(call, Encoding.UTF8, "application/json");
        using var reply = await _client.SendAsync(request);
        var body = await reply.Content.ReadAsStringAsync();
        return ((int)reply.StatusCode, body.Length == 0 ? null : JsonNode.Parse(body));
    }
}
