using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.Jenkins.Tests;

/// <summary>What the fake does, which is what Jenkins does: a runner that is tried on a kind one proves nothing.</summary>
public sealed class FakeJenkinsTests : FakeServiceTests, IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeJenkins _jenkins;
    private readonly HttpClient _client;

    public FakeJenkinsTests()
    {
        _jenkins = new FakeJenkins(_time);
        _jenkins.Tokens.Add(JenkinsSetup.Token);
        _client = new HttpClient(new FakeTransport(_jenkins)) { BaseAddress = new Uri("https://ci.test/") };
        Authenticate(JenkinsSetup.Token);
    }

    private string Job => _jenkins.Path;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_trigger_is_created_and_an_identical_one_is_folded_while_it_is_queued()
    {
        var first = await CreateAsync();
        var folded = await CreateAsync();
        var other = await CreateAsync(key: "other");
        _time.Advance(TimeSpan.FromSeconds(10));
        var later = await CreateAsync();

        first.StatusCode.Should().Be(HttpStatusCode.Created);
        first.Headers.Location!.AbsolutePath.Should().EndWith("/queue/item/42/");
        (folded.StatusCode, folded.Headers.Location).Should().Be((HttpStatusCode.SeeOther, first.Headers.Location));
        other.Headers.Location!.AbsolutePath.Should().EndWith("/queue/item/43/");
        later.StatusCode.Should().Be(HttpStatusCode.Created, "an item that has left folds nothing");
    }

    [Fact]
    public async Task What_is_refused_is_refused_as_Jenkins_does_and_creates_nothing()
    {
        _jenkins.RefusesItems = true;
        var refused = await CreateAsync();
        _jenkins.RefusesItems = false;
        _jenkins.IsBuildable = false;
        var disabled = await CreateAsync();
        _jenkins.IsBuildable = true;
        var byGet = await _client.GetAsync($"{Job}/buildWithParameters");
        var tooLong = await CreateAsync(request: new string('x', 200_001));
        _jenkins.Declared.Clear();
        var bare = await CreateAsync();

        (refused.StatusCode, refused.Headers.Location!.OriginalString).Should().Be((HttpStatusCode.Redirect, "."));
        disabled.StatusCode.Should().Be(HttpStatusCode.Conflict);
        byGet.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        (await tooLong.Content.ReadAsStringAsync()).Should().Contain("Form is larger than max length");
        bare.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        _jenkins.Builds.Should().BeEmpty();
        _jenkins.Creates.Should().Be(4);
    }

    [Fact]
    public async Task A_parameter_that_is_not_declared_is_dropped_without_a_word()
    {
        _jenkins.Declared.Remove("BUILD_KEY");

        (await CreateAsync()).StatusCode.Should().Be(HttpStatusCode.Created);

        _jenkins.Builds.Single().Parameters.Keys.Should().Equal("BUILD_REQUEST");
    }

    [Fact]
    public async Task An_item_waits_for_its_quiet_period_unless_it_is_told_not_to()
    {
        await CreateAsync();
        await CreateAsync("", key: "quiet");
        _time.Advance(TimeSpan.FromSeconds(1));
        var early = _jenkins.Builds.Select(static build => build.Number).ToList();
        _time.Advance(TimeSpan.FromSeconds(5));

        early.Should().Equal(7, null);
        _jenkins.Builds.Select(static build => build.Number).Should().Equal(7, 8);
    }

    [Fact]
    public async Task An_item_that_has_left_may_show_no_executable_and_is_forgotten_after_five_minutes()
    {
        _jenkins.ExecutableLag = TimeSpan.FromSeconds(2);
        await CreateAsync();
        var queued = await ReadAsync("queue/item/42/api/json");
        _time.Advance(TimeSpan.FromSeconds(1));
        var left = await ReadAsync("queue/item/42/api/json");
        _time.Advance(TimeSpan.FromSeconds(2));
        var started = await ReadAsync("queue/item/42/api/json");
        var queue = await ReadAsync("queue/api/json");
        _time.Advance(TimeSpan.FromMinutes(5));
        var gone = await _client.GetAsync("queue/item/42/api/json");

        queued["_class"]!.GetValue<string>().Should().EndWith("$WaitingItem");
        queued.AsObject().ContainsKey("cancelled").Should().BeFalse();
        (left["_class"]!.GetValue<string>(), left["executable"]).Should().Be(("hudson.model.Queue$LeftItem", null));
        started["executable"]!["number"]!.GetValue<int>().Should().Be(7);
        queue["items"]!.AsArray().Should().BeEmpty();
        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await ReadAsync($"{Job}/7/api/json"))["queueId"]!.GetValue<int>().Should().Be(42);
    }

    [Fact]
    public async Task The_page_of_an_item_is_there_for_its_api_alone()
    {
        await CreateAsync();

        (await _client.GetAsync("queue/item/42/")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await _client.PostAsync("queue/item/42/", null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_cancel_in_the_queue_is_204_then_500_and_after_five_minutes_404()
    {
        await CreateAsync();
        await CreateAsync(key: "other");

        var taken = await _client.PostAsync("queue/cancelItem?id=42", null);
        _time.Advance(TimeSpan.FromSeconds(1));
        var again = await _client.PostAsync("queue/cancelItem?id=42", null);
        var started = await _client.PostAsync("queue/cancelItem?id=43", null);
        _jenkins.MayCancel = false;
        var forbidden = await _client.PostAsync("queue/cancelItem?id=43", null);
        _time.Advance(TimeSpan.FromMinutes(6));
        var gone = await _client.PostAsync("queue/cancelItem?id=42", null);

        new[] { taken, again, started, forbidden, gone }.Select(static answer => (int)answer.StatusCode).Should()
            .Equal(204, 500, 500, 422, 404);
        _jenkins.Builds.Select(static build => build.IsCancelled).Should().Equal(true, false);
    }

    [Fact]
    public async Task A_stop_is_always_a_redirect_and_freestyle_knows_no_term()
    {
        await CreateAsync(request: "test:Succeeds/");
        _time.Advance(TimeSpan.FromSeconds(10));
        var ended = await _client.PostAsync($"{Job}/7/stop", null);
        _jenkins.IsPipeline = false;
        var term = await _client.PostAsync($"{Job}/7/term", null);

        (ended.StatusCode, term.StatusCode).Should().Be((HttpStatusCode.Redirect, HttpStatusCode.NotFound));
        (await ReadAsync($"{Job}/7/api/json"))["result"]!.GetValue<string>().Should().Be("SUCCESS");
    }

    [Fact]
    public async Task A_build_that_runs_may_have_a_result_and_one_that_ended_may_go_on()
    {
        await CreateAsync(request: "test:RunsLong/");
        _time.Advance(TimeSpan.FromSeconds(1));
        _ = _jenkins.Builds;
        _jenkins.Builds[0].Set(building: true, inProgress: true, "UNSTABLE");
        var early = await ReadAsync($"{Job}/7/api/json");
        _jenkins.Builds[0].Set(building: false, inProgress: false, "FAILURE");
        var ended = await ReadAsync($"{Job}/7/api/json");
        _jenkins.Builds[0].Set(building: true, inProgress: true, null);
        var reopened = await ReadAsync($"{Job}/7/api/json");

        (early["building"]!.GetValue<bool>(), early["result"]!.GetValue<string>()).Should().Be((true, "UNSTABLE"));
        ended["building"]!.GetValue<bool>().Should().BeFalse();
        reopened["building"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task A_password_needs_a_crumb_and_the_session_that_it_came_with()
    {
        Authenticate(FakeJenkins.Password);
        var without = await CreateAsync();
        var issued = await _client.GetAsync("crumbIssuer/api/json");
        var crumb = JsonNode.Parse(await issued.Content.ReadAsStringAsync())!["crumb"]!.GetValue<string>();
        _client.DefaultRequestHeaders.Add("Jenkins-Crumb", crumb);
        var withoutSession = await CreateAsync();
        _client.DefaultRequestHeaders.Add("Cookie", issued.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        var with = await CreateAsync();
        Authenticate("wrong");
        var wrong = await CreateAsync();

        (await without.Content.ReadAsStringAsync()).Should().Contain("No valid crumb was included in the request");
        new[] { without, withoutSession, with, wrong }.Select(static answer => (int)answer.StatusCode).Should().Equal(403, 403, 201, 401);
        wrong.Headers.WwwAuthenticate.ToString().Should().Be("Basic realm=\"Jenkins\"");
    }

    [Fact]
    public async Task A_job_in_a_folder_and_a_branch_have_their_address_and_no_other()
    {
        _jenkins.Job = "shop/feature%2Fx";

        (await _client.GetAsync("job/shop/job/feature%252Fx/api/json")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _client.GetAsync("job/shop/job/feature%2Fx/api/json")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await _client.GetAsync("job/shop/feature/x/api/json")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        _jenkins.IsHidden = true;
        (await _client.GetAsync("job/shop/job/feature%252Fx/api/json")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_tree_shows_what_it_names_and_the_part_of_a_list()
    {
        for (var build = 0; build < 130; build++)
        {
            _jenkins.Add(new() { ["BUILD_KEY"] = $"{build}" });
        }

        _time.Advance(TimeSpan.FromSeconds(2));

        var few = await ReadAsync($"{Job}/api/json?tree=builds[number,actions[parameters[value]]]{{98,110}}");
        var many = await ReadAsync($"{Job}/api/json?tree=allBuilds[number]{{100,}},buildable");
        var all = await ReadAsync($"{Job}/api/json");

        few["builds"]!.AsArray().Should().HaveCount(2, "there are never more than a hundred");
        few["builds"]![0]!["actions"]!.AsArray().Select(static action => action!.ToJsonString()).Should().Equal(
            """{"_class":"hudson.model.CauseAction"}""",
            """{"_class":"hudson.model.ParametersAction","parameters":[{"_class":"hudson.model.StringParameterValue","value":"31"}]}""",
            "{}");
        many["allBuilds"]!.AsArray().Select(static build => build!["number"]!.GetValue<int>()).Should()
            .Equal(Enumerable.Range(7, 30).Reverse());
        many.AsObject().Select(static member => member.Key).Should().Equal("_class", "allBuilds", "buildable");
        all["builds"]!.AsArray().Should().HaveCount(100);
    }

    [Fact]
    public async Task A_log_is_read_on_from_where_it_was_while_there_is_more()
    {
        await CreateAsync(request: "test:RunsLong/");
        _time.Advance(TimeSpan.FromSeconds(1));
        var build = _jenkins.Builds[0];
        var none = await _client.GetAsync($"{Job}/7/logText/progressiveText?start=0");
        build.Log = "one\n";
        var first = await _client.GetAsync($"{Job}/7/logText/progressiveText?start=0");
        build.Log += "two\n";
        build.Set(building: false, inProgress: false, "SUCCESS");
        var rest = await _client.GetAsync($"{Job}/7/logText/progressiveText?start=4");
        var over = await _client.GetAsync($"{Job}/7/logText/progressiveText?start=99");

        none.Headers.Contains("X-More-Data").Should().BeTrue();
        first.Headers.GetValues("X-Text-Size").Should().Equal("4");
        first.Headers.Contains("X-More-Data").Should().BeTrue();
        (await rest.Content.ReadAsStringAsync()).Should().Be("two\n");
        rest.Headers.Contains("X-More-Data").Should().BeFalse();
        (await over.Content.ReadAsStringAsync()).Should().Be("one\ntwo\n");
    }

    [Fact]
    public async Task Answers_name_Jenkins_and_its_session_which_a_restart_changes_and_those_of_a_proxy_do_not()
    {
        await CreateAsync();
        var before = await _client.GetAsync($"{Job}/api/json");
        _jenkins.Restart();
        var after = await _client.GetAsync($"{Job}/api/json");
        _jenkins.IsStarting = true;
        var starting = await _client.GetAsync($"{Job}/api/json");
        _jenkins.Fail(static _ => true, FakeReply.Html(502));
        var proxy = await _client.GetAsync($"{Job}/api/json");

        before.Headers.GetValues("X-Jenkins").Should().Equal(FakeJenkins.Version);
        before.Headers.GetValues("X-Jenkins-Session").Should().NotEqual(after.Headers.GetValues("X-Jenkins-Session"));
        starting.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        proxy.Headers.Contains("X-Jenkins").Should().BeFalse();
        _jenkins.Builds.Should().ContainSingle("the queue is kept");
    }

    private protected override FakeService Service => _jenkins;

    protected override int Creates => _jenkins.Creates;

    protected override int Builds => _jenkins.Builds.Count;

    protected override int OfTheSame => 1;

    protected override Task<HttpResponseMessage> SendCreateAsync(string key) => CreateAsync(key: key);

    private void Authenticate(string secret) => _client.DefaultRequestHeaders.Authorization =
        new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{FakeJenkins.UserName}:{secret}")));

    private Task<HttpResponseMessage> CreateAsync(string query = "?delay=0sec", string key = "br-1", string request = "{}") =>
        _client.PostAsync($"{Job}/buildWithParameters{query}", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["BUILD_KEY"] = key,
            ["BUILD_REQUEST"] = request,
            ["PATH"] = "/tmp",
        }));

    private async Task<JsonNode> ReadAsync(string path) => JsonNode.Parse(await _client.GetStringAsync(path))!;
}
