using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The fake does what GitHub's documentation says, also where the runner never asks for it.</summary>
public sealed class FakeGitHubTests
{
    private const string Dispatches = "repos/acme/shop/actions/workflows/build.yml/dispatches";

    [Theory]
    [InlineData("GitHub", true, 200)]
    [InlineData("GitHub", false, 204)]
    [InlineData("Ghes321", true, 200)]
    [InlineData("Ghes321", false, 204)]
    [InlineData("Ghes319", false, 204)]
    [InlineData("Ghes319", true, 400)]
    [InlineData("V2026", false, 200)]
    [InlineData("V2026", true, 422)]
    public async Task A_dispatch_is_told_its_run_as_the_server_can(string mode, bool asks, int status)
    {
        using var client = Client(Enum.Parse<FakeMode>(mode), out var github);

        var (answered, body) = await PostAsync(client, asks ? """{"ref":"main","return_run_details":true}""" : """{"ref":"main"}""");

        answered.Should().Be(status);
        github.Runs.Should().HaveCount(status < 300 ? 1 : 0);
        if (status is 400 or 422)
        {
            body!["message"]!.GetValue<string>().Should().Be("Invalid request.\n\n\"return_run_details\" is not a permitted key.");
        }

        if (status == 200)
        {
            body!.AsObject().Select(static member => member.Key).Should().BeEquivalentTo("workflow_run_id", "run_url", "html_url");
        }
    }

    [Theory]
    [InlineData("Ghes319", 10, 204)]
    [InlineData("Ghes319", 11, 422)]
    [InlineData("GitHub", 25, 204)]
    [InlineData("GitHub", 26, 422)]
    public async Task A_workflow_takes_so_many_inputs(string mode, int inputs, int status)
    {
        using var client = Client(Enum.Parse<FakeMode>(mode), out var github);
        var names = Enumerable.Range(0, inputs).Select(static number => $"input_{number}").ToList();
        github.Inputs.UnionWith(names);

        var (answered, _) = await PostAsync(client, Call(names.ToDictionary(static name => name, static _ => "x")));

        answered.Should().Be(status);
    }

    [Theory]
    [InlineData(65_535, 204)]
    [InlineData(65_536, 422)]
    public async Task Inputs_take_so_many_characters(int length, int status)
    {
        using var client = Client(FakeMode.GitHub, out _);

        (await PostAsync(client, Call(new() { ["build_key"] = new string('x', length) }))).Status.Should().Be(status);
    }

    [Fact]
    public async Task An_input_that_is_not_declared_is_refused_by_name()
    {
        using var client = Client(FakeMode.GitHub, out var github);

        var (status, body) = await PostAsync(client, Call(new() { ["foo"] = "x" }));

        status.Should().Be(422);
        body!["message"]!.GetValue<string>().Should().Be("Unexpected inputs provided: [\"foo\"]");
        github.Runs.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"ref":"nowhere"}""", "No ref found for: nowhere")]
    [InlineData("""{"inputs":{}}""", "Required input 'ref' not provided")]
    public async Task A_dispatch_without_its_branch_is_refused(string call, string message)
    {
        using var client = Client(FakeMode.GitHub, out _);

        var (status, body) = await PostAsync(client, call);

        (status, body!["message"]!.GetValue<string>()).Should().Be((422, message));
    }

    [Fact]
    public async Task A_tag_that_is_known_costs_nothing()
    {
        using var client = Client(FakeMode.GitHub, out var github);
        github.AddRun("Verify");
        var first = await client.GetAsync(new Uri("repos/acme/shop", UriKind.Relative));
        var remaining = github.Remaining;
        using HttpRequestMessage again = new(HttpMethod.Get, "repos/acme/shop") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        var second = await client.SendAsync(again);

        second.StatusCode.Should().Be(HttpStatusCode.NotModified);
        github.Remaining.Should().Be(remaining);
        (await second.Content.ReadAsStringAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_call_without_user_agent_version_or_token_and_an_address_with_a_slash_too_many_are_refused()
    {
        using var client = Client(FakeMode.GitHub, out _);

        async Task<HttpStatusCode> StatusAsync(string path, Action<HttpRequestHeaders> change)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            change(request.Headers);
            return (await client.SendAsync(request)).StatusCode;
        }

        (await StatusAsync("repos/acme/shop", static _ => { })).Should().Be(HttpStatusCode.OK);
        (await StatusAsync("repos/acme/shop/", static _ => { })).Should().Be(HttpStatusCode.NotFound);
        (await StatusAsync("repos/acme/shop", static headers => headers.Add("X-GitHub-Api-Version", "2031-01-01"))).Should()
            .Be(HttpStatusCode.BadRequest);
        (await StatusAsync("repos/acme/shop", static headers => headers.Authorization = new("Bearer", "ghp_unknown"))).Should()
            .Be(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.UserAgent.Clear();
        (await StatusAsync("repos/acme/shop", static _ => { })).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_list_has_pages_a_window_and_no_more_than_a_thousand()
    {
        using var client = Client(FakeMode.GitHub, out var github);
        for (var run = 0; run < 1_050; run++)
        {
            github.AddRun("Verify", github.Now - TimeSpan.FromMinutes(run < 10 ? 60 : 0));
        }

        var all = await ListAsync(client, "event=workflow_dispatch&per_page=100&page=10");
        var beyond = await ListAsync(client, "event=workflow_dispatch&per_page=100&page=11");
        var recent = await ListAsync(client,
            $"created={Uri.EscapeDataString($">={github.Now - TimeSpan.FromMinutes(30):yyyy-MM-ddTHH:mm:ssZ}")}&per_page=1");

        (all["total_count"]!.GetValue<int>(), all["workflow_runs"]!.AsArray().Count, beyond["workflow_runs"]!.AsArray().Count).Should()
            .Be((1000, 100, 0));
        recent["total_count"]!.GetValue<int>().Should().Be(1000);
    }

    [Fact]
    public async Task GraphQL_names_what_it_does_not_know_and_takes_a_hundred_ids()
    {
        using var client = Client(FakeMode.GitHub, out var github);
        var run = github.AddRun("Verify");

        var some = await GraphAsync(client, [run.NodeId, "WFR_kwLO7"]);
        var many = await GraphAsync(client, [.. Enumerable.Repeat(run.NodeId, 101)]);

        some["data"]!["nodes"]!.AsArray().Select(static node => node?["checkSuite"]!["status"]!.GetValue<string>()).Should()
            .Equal("QUEUED", null);
        some["errors"]![0]!["type"]!.GetValue<string>().Should().Be("NOT_FOUND");
        many["data"].Should().BeNull();
    }

    [Fact]
    public async Task A_run_that_is_started_again_keeps_its_number_and_counts_its_attempts()
    {
        using var client = Client(FakeMode.GitHub, out var github);
        var run = github.AddRun("Verify");
        run.Set(github.Now, "completed", "failure");
        run.RunAgain(github.Now);

        var (latest, first) = (await GetAsync(client, $"repos/acme/shop/actions/runs/{run.Id}"),
            await GetAsync(client, $"repos/acme/shop/actions/runs/{run.Id}/attempts/1"));

        (latest["run_attempt"]!.GetValue<int>(), latest["status"]!.GetValue<string>()).Should().Be((2, "queued"));
        (first["run_attempt"]!.GetValue<int>(), first["conclusion"]!.GetValue<string>()).Should().Be((1, "failure"));
        (await client.GetAsync(new Uri($"repos/acme/shop/actions/runs/{run.Id}/attempts/3", UriKind.Relative))).StatusCode.Should()
            .Be(HttpStatusCode.NotFound);
    }

    private static HttpClient Client(FakeMode mode, out FakeGitHub github)
    {
        github = new FakeGitHub(new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero)), mode);
        github.Tokens["ghp_test"] = DateTimeOffset.MaxValue;
        var root = mode is FakeMode.Ghes319 or FakeMode.Ghes321 ? "https://ghe.test/api/v3/" : "https://api.github.test/";
        return new HttpClient(new FakeTransport(github))
        {
            BaseAddress = new Uri(root),
            DefaultRequestHeaders =
            {
                { "User-Agent", "test" },
                { "Authorization", "Bearer ghp_test" },
                { "X-GitHub-Api-Version", mode == FakeMode.V2026 ? "2026-03-10" : "2022-11-28" },
            },
        };
    }

    private static string Call(Dictionary<string, string> inputs) => new JsonObject
    {
        ["ref"] = "main",
        ["inputs"] = new JsonObject([.. inputs.Select(static input => KeyValuePair.Create(input.Key, (JsonNode?)input.Value))]),
    }.ToJsonString();

    private static async Task<(int Status, JsonNode? Body)> PostAsync(HttpClient client, string call)
    {
        using StringContent content = new(call, Encoding.UTF8, "application/json");
        var reply = await client.PostAsync(new Uri(Dispatches, UriKind.Relative), content);
        var body = await reply.Content.ReadAsStringAsync();
        return ((int)reply.StatusCode, body.Length == 0 ? null : JsonNode.Parse(body));
    }

    private static Task<JsonNode> ListAsync(HttpClient client, string query) =>
        GetAsync(client, $"repos/acme/shop/actions/workflows/build.yml/runs?{query}");

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) =>
        JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    private static async Task<JsonNode> GraphAsync(HttpClient client, IReadOnlyList<string> ids)
    {
        JsonObject variables = new() { ["ids"] = new JsonArray([.. ids.Select(static id => (JsonNode)id)]) };
        JsonObject call = new() { ["query"] = "query", ["variables"] = variables };
        using StringContent content = new(call.ToJsonString(), Encoding.UTF8, "application/json");
        return JsonNode.Parse(await (await client.PostAsync(new Uri("graphql", UriKind.Relative), content)).Content.ReadAsStringAsync())!;
    }
}
