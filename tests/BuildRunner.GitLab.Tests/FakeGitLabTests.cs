using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.GitLab.Tests;

/// <summary>The fake does what GitLab's documentation and source say, also where the runner never asks for it.</summary>
public sealed class FakeGitLabTests : FakeServiceTests, IDisposable
{
    private const string Create = "projects/acme%2Fshop/pipeline";
    private const string Trigger = "projects/acme%2Fshop/trigger/pipeline";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeGitLab _gitlab;
    private readonly HttpClient _client;

    public FakeGitLabTests()
    {
        _gitlab = new FakeGitLab(_time);
        _gitlab.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
        _gitlab.TriggerTokens.Add(GitLabSetup.TriggerToken);
        _client = new HttpClient(new FakeTransport(_gitlab)) { BaseAddress = new Uri("https://gitlab.test/api/v4/") };
        _client.DefaultRequestHeaders.Add("PRIVATE-TOKEN", GitLabSetup.Token);
    }

    [Theory]
    [InlineData("""{"ref":"main"}""", 201, null)]
    [InlineData("""{"ref":"nowhere"}""", 400, "Reference not found")]
    [InlineData("""{}""", 400, "ref is missing")]
    [InlineData("""{"ref":"main","variables":[{"key":"A","value":1}]}""", 400, "map of key-valued strings")]
    public async Task A_create_is_answered_with_the_pipeline_or_a_400(string call, int status, string? text)
    {
        var (answered, body) = await PostAsync(Create, call);

        answered.Should().Be(status);
        _gitlab.Pipelines.Should().HaveCount(status == 201 ? 1 : 0);
        body.Should().Contain(text ?? "\"source\":\"api\"");
    }

    [Fact]
    public async Task A_limit_of_creates_is_a_400_and_passes()
    {
        _gitlab.MaxCreates = 1;
        await PostAsync(Create, """{"ref":"main"}""");

        var (status, body) = await PostAsync(Create, """{"ref":"main"}""");
        _time.Advance(TimeSpan.FromMinutes(1));

        (status, body).Should().Be((400, """{"message":{"base":["Too many pipelines created in the last minute. Try again later."]}}"""));
        (await PostAsync(Create, """{"ref":"main"}""")).Status.Should().Be(201);
    }

    [Theory]
    [InlineData(GitLabSetup.TriggerToken, 201)]
    [InlineData(GitLabSetup.Token, 404)]
    [InlineData("glptt-another", 404)]
    [InlineData("", 404)]
    public async Task A_trigger_takes_trigger_tokens_alone_as_JSON_and_as_a_form(string token, int status)
    {
        var form = await PostAsync(Trigger, $"token={token}&ref=main&variables%5BA%5D=x", "application/x-www-form-urlencoded");
        var json = await PostAsync(Trigger, $$$"""{"token":"{{{token}}}","ref":"main","variables":{"A":"x"}}""");

        (form.Status, json.Status).Should().Be((status, status));
        _gitlab.Pipelines.Count(static pipeline => pipeline.Source == "trigger" && pipeline.Variables["A"] == "x")
            .Should().Be(status == 201 ? 2 : 0);
    }

    [Fact]
    public async Task A_trigger_within_a_pipeline_hook_is_refused()
    {
        _client.DefaultRequestHeaders.Add("X-Gitlab-Event", "Pipeline Hook");

        (await PostAsync(Trigger, $"token={GitLabSetup.TriggerToken}&ref=main", "application/x-www-form-urlencoded")).Status.Should().Be(403);
    }

    [Fact]
    public async Task A_cancel_is_200_whatever_comes_of_it_and_takes_a_while()
    {
        var pipeline = _gitlab.AddPipeline();
        async Task<string> CancelAsync() =>
            JsonNode.Parse((await PostAsync($"projects/acme%2Fshop/pipelines/{pipeline.Id}/cancel", "")).Body)!["status"]!.GetValue<string>();
        pipeline.Set(_gitlab.Now, "manual");
        (await CancelAsync()).Should().Be("manual");
        pipeline.Set(_gitlab.Now, "running");
        (await CancelAsync()).Should().Be("canceling");
        _time.Advance(TimeSpan.FromSeconds(1));
        (await CancelAsync()).Should().Be("canceled");
        pipeline.Set(_gitlab.Now, "success");
        (await CancelAsync()).Should().Be("success");
    }

    [Fact]
    public async Task A_retry_opens_an_ended_pipeline_under_its_id()
    {
        var pipeline = _gitlab.AddPipeline();
        pipeline.Set(_gitlab.Now, "failed");

        (await PostAsync($"projects/acme%2Fshop/pipelines/{pipeline.Id}/retry", "")).Status.Should().Be(201);

        pipeline.StatusAt(_gitlab.Now).Should().Be("running");
    }

    [Fact]
    public async Task A_limit_of_requests_is_text_with_headers()
    {
        _gitlab.RateLimit = 1;
        var good = await _client.GetAsync(new Uri("projects/acme%2Fshop/pipelines", UriKind.Relative));
        _time.Advance(TimeSpan.FromSeconds(20));

        var refused = await _client.GetAsync(new Uri("projects/acme%2Fshop/pipelines", UriKind.Relative));
        _time.Advance(TimeSpan.FromSeconds(40));

        good.Headers.GetValues("RateLimit-Remaining").Should().Equal("0");
        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync()).Should().Be("Retry later\n");
        refused.Content.Headers.ContentType!.MediaType.Should().Be("text/plain");
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(40));
        (await _client.GetAsync(new Uri("projects/acme%2Fshop/pipelines", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_list_is_filtered_and_sorted_and_comes_in_pages()
    {
        for (var pipeline = 0; pipeline < 25; pipeline++)
        {
            _gitlab.AddPipeline($"name {pipeline}");
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        _gitlab.Pipelines[3].Set(_gitlab.Now, "running");
        _gitlab.AddPipeline("name 7", source: "push");

        (await IdsAsync("")).Should().HaveCount(20);
        (await IdsAsync("page=2")).Should().HaveCount(6);
        (await IdsAsync("name=name+7")).Should().HaveCount(2);
        (await IdsAsync("name=name+7&source=api")).Should().Equal(_gitlab.Pipelines[7].Id);
        (await IdsAsync("updated_after=2026-11-29T12:00:30.000Z&source=api")).Should().Equal(_gitlab.Pipelines[3].Id);
        (await IdsAsync("order_by=updated_at&sort=desc&per_page=2")).Should().Equal(_gitlab.Pipelines[25].Id, _gitlab.Pipelines[3].Id);
        (await IdsAsync("status=running&ref=main")).Should().Contain(_gitlab.Pipelines[3].Id);
    }

    [Theory]
    [InlineData("projects/acme%2Fother/pipelines", "404 Project Not Found")]
    [InlineData("projects/acme%2Fshop/pipelines/7", "404 Not found")]
    [InlineData("projects/4711/pipelines/7", "404 Not found")]
    public async Task What_is_not_there_is_a_404_that_says_what(string address, string message)
    {
        var reply = await _client.GetAsync(new Uri(address, UriKind.Relative));

        reply.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await reply.Content.ReadAsStringAsync()).Should().Be($$"""{"message":"{{message}}"}""");
    }

    [Fact]
    public async Task Both_headers_carry_a_token_and_one_that_has_ended_is_refused()
    {
        using HttpRequestMessage bearer = new(HttpMethod.Get, "projects/acme%2Fshop/pipelines");
        bearer.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GitLabSetup.Token);
        _client.DefaultRequestHeaders.Remove("PRIVATE-TOKEN");

        (await _client.SendAsync(bearer)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await _client.GetAsync(bearer.RequestUri)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        _gitlab.Tokens["old"] = _gitlab.Now;
        _client.DefaultRequestHeaders.Add("PRIVATE-TOKEN", "old");
        (await _client.GetAsync(bearer.RequestUri)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_older_server_drops_a_variable_that_is_too_long_without_a_word()
    {
        _gitlab.MaxVariable = 5;

        var (status, _) = await PostAsync(Create, """{"ref":"main","variables":[{"key":"A","value":"short"},{"key":"B","value":"longer"}]}""");

        status.Should().Be(201);
        _gitlab.Pipelines.Single().Variables.Keys.Should().Equal("A");
    }

    [Fact]
    public async Task Each_create_makes_a_pipeline_that_lists_and_reads_may_show_late_or_not_at_all()
    {
        (_gitlab.ListLag, _gitlab.ReadLag) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
        await PostAsync(Create, """{"ref":"main","variables":[{"key":"BUILD_KEY","value":"br-1"}]}""");
        await PostAsync(Create, """{"ref":"main","variables":[{"key":"BUILD_KEY","value":"br-1"}]}""");
        async Task<HttpStatusCode> ReadAsync() =>
            (await _client.GetAsync(new Uri($"projects/4711/pipelines/{_gitlab.Pipelines[0].Id}", UriKind.Relative))).StatusCode;

        (await IdsAsync("")).Should().BeEmpty();
        (await ReadAsync()).Should().Be(HttpStatusCode.NotFound);
        _time.Advance(TimeSpan.FromSeconds(5));
        (await IdsAsync("name=br-1")).Should().HaveCount(2);
        (await ReadAsync()).Should().Be(HttpStatusCode.OK);
        _gitlab.IsHidden = true;
        (await ReadAsync()).Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_limit_of_the_application_is_JSON_without_headers()
    {
        _gitlab.JobListsLeft = 1;
        var address = new Uri($"projects/4711/pipelines/{_gitlab.AddPipeline().Id}/jobs", UriKind.Relative);
        (await _client.GetAsync(address)).StatusCode.Should().Be(HttpStatusCode.OK);

        var reply = await _client.GetAsync(address);

        reply.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        reply.Headers.Should().NotContain(static header => header.Key.Contains("Retry", StringComparison.Ordinal)
            || header.Key.Contains("RateLimit", StringComparison.Ordinal));
        var body = JsonNode.Parse(await reply.Content.ReadAsStringAsync())!;
        body["message"]!["error"]!.GetValue<string>().Should().Contain("too many times");
    }

    [Fact]
    public async Task Members_may_be_missing_and_new()
    {
        _gitlab.VariesMembers = true;
        var pipeline = _gitlab.AddPipeline();

        var text = await _client.GetStringAsync(new Uri($"projects/4711/pipelines/{pipeline.Id}", UriKind.Relative));

        JsonNode.Parse(text)!.AsObject().Select(static member => member.Key).Should()
            .Contain(["id", "status", "added_in_2031"]).And.NotContain(["name", "web_url", "updated_at"]);
    }

    [Fact]
    public async Task A_job_is_forced_by_a_maintainer_alone()
    {
        var pipeline = _gitlab.AddPipeline();
        pipeline.Set(_gitlab.Now, "canceling");
        var address = $"projects/4711/jobs/{pipeline.Id * 10}/cancel";
        _gitlab.IsMaintainer = false;

        (await PostAsync($"{address}?force=true", "")).Status.Should().Be(403);
        (await PostAsync(address, "")).Status.Should().Be(201);
        pipeline.StatusAt(_gitlab.Now).Should().Be("canceling");
        _gitlab.IsMaintainer = true;
        (await PostAsync($"{address}?force=true", "")).Status.Should().Be(201);
        pipeline.StatusAt(_gitlab.Now).Should().Be("canceled");
    }

    public void Dispose() => _client.Dispose();

    private protected override FakeService Service => _gitlab;

    protected override int Creates => _gitlab.Creates;

    protected override int Builds => _gitlab.Pipelines.Count;

    protected override Task<HttpResponseMessage> SendCreateAsync(string key) => _client.PostAsync(
        new Uri(Create, UriKind.Relative),
        new StringContent(
            $$$"""{"ref":"main","variables":[{"key":"BUILD_KEY","value":"{{{key}}}"}]}""", Encoding.UTF8, "application/json"));

    private async Task<(int Status, string Body)> PostAsync(string address, string body, string contentType = "application/json")
    {
        using StringContent content = new(body, Encoding.UTF8, contentType);
        var reply = await _client.PostAsync(new Uri(address, UriKind.Relative), content);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    private async Task<long[]> IdsAsync(string query)
    {
        var text = await _client.GetStringAsync(new Uri($"projects/acme%2Fshop/pipelines?{query}", UriKind.Relative));
        return [.. JsonNode.Parse(text)!.AsArray().Select(static row => row!["id"]!.GetValue<long>())];
    }
}
