using System.Net;
using System.Text;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

public sealed class SpecCheckingHandlerTests
{
    private const string Query = """{"query":"query($ids:[ID!]!){nodes(ids:$ids){id}}","variables":{"ids":["1"]}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_right_goes_through_and_leaves_nothing()
    {
        var reply = Samples.ReplyOf("actions/create-workflow-dispatch");
        using SpecCheckingHandler handler = new(GitHubSpec.GitHubCom) { InnerHandler = new Fixed(HttpStatusCode.OK, reply.Body) };
        using HttpClient client = new(handler);

        using var response = await client.SendAsync(Samples.Message(Samples.Request(Samples.Dispatch, """{"ref":"main"}""")), Token);

        (await response.Content.ReadAsStringAsync(Token)).Should().Be(reply.Body);
        handler.Violations.Should().BeEmpty();
        handler.Operations.Should().Equal(new Dictionary<string, int> { ["actions/create-workflow-dispatch"] = 1 });
    }

    [Fact]
    public async Task What_is_wrong_goes_through_and_is_collected()
    {
        using SpecCheckingHandler handler = new(GitHubSpec.GitHubCom) { InnerHandler = new Fixed(HttpStatusCode.Created, "{}") };
        using HttpClient client = new(handler);

        using var response = await client.SendAsync(Samples.Message(Samples.Request(Samples.Dispatch, "{}")), Token);

        response.StatusCode.Should().Be(HttpStatusCode.Created);
        handler.Violations.Should().HaveCount(2);
    }

    [Fact]
    public async Task What_is_no_request_to_the_API_is_left_alone()
    {
        using SpecCheckingHandler handler = new(GitHubSpec.GitHubCom)
        {
            InnerHandler = new Fixed(HttpStatusCode.OK, "log"),
            IsApi = static address => address.Host == "api.github.com",
        };
        using HttpClient client = new(handler);

        await client.GetStringAsync("https://logs.example/1?sig=2", Token);

        handler.Violations.Should().BeEmpty();
        handler.Operations.Should().BeEmpty();
    }

    [Slow]
    [Fact]
    public async Task The_second_opinion_is_asked_about_GraphQL_too()
    {
        await using var checker = await NodeChecker.StartAsync();
        using SpecCheckingHandler handler = new(GitHubSpec.GitHubCom, checker)
        {
            InnerHandler = new Fixed(HttpStatusCode.OK, """{"data":{"nodes":[{"id":null}]}}"""),
        };
        using HttpClient client = new(handler);

        await client.SendAsync(Samples.Message(Samples.Request("POST /graphql", Query)), Token);
        await client.SendAsync(Samples.Message(Samples.Request(Samples.Dispatch, """{"ref":1}""")), Token);

        handler.Violations.Should().Contain(static violation => violation.StartsWith("answer: Cannot return null"));
        handler.Violations.Should().Contain(static violation => violation.StartsWith("request: body.ref"));
    }

    private sealed class Fixed(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
