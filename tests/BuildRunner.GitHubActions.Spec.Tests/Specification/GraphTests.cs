using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

[Slow]
public sealed class GraphTests(NodeCheckerFixture fixture) : IClassFixture<NodeCheckerFixture>
{
    private const string Query = "query($ids:[ID!]!){nodes(ids:$ids){... on WorkflowRun{checkSuite{status conclusion}}}}";
    private const string Ids = """{"ids":["WFR_1","WFR_2"]}""";

    [Theory]
    [InlineData("""{"nodes":[{"checkSuite":{"status":"COMPLETED","conclusion":"SUCCESS"}},null]}""")]
    [InlineData("""{"nodes":[{"checkSuite":{"status":"QUEUED","conclusion":null}}]}""")]
    public async Task What_fits_the_schema_is_right(string data) => (await CheckAsync(Query, Ids, data)).Should().BeEmpty();

    [Theory]
    [InlineData("query($ids:[ID!]!){nodes(ids:$ids){... on WorkflowRun{checkSuite{state}}}}", Ids)]
    [InlineData("query($ids:[ID!]!){nodes(ids:$ids){... on WorkflowRuns{checkSuite{status}}}}", Ids)]
    [InlineData("query($ids:[Int!]!){nodes(ids:$ids){id}}", """{"ids":[1]}""")]
    [InlineData("query($ids:[ID!]!){nodes{id}}", Ids)]
    [InlineData("query{", "{}")]
    [InlineData(Query, """{"id":["WFR_1"]}""")]
    [InlineData(Query, """{"ids":[null]}""")]
    public async Task A_wrong_query_is_found(string query, string variables) =>
        (await CheckAsync(query, variables, null)).Should().NotBeEmpty().And.OnlyContain(static violation => violation.StartsWith("query"));

    [Theory]
    [InlineData("""{"nodes":[{"checkSuite":{"status":"DONE","conclusion":null}}]}""")]
    [InlineData("""{"nodes":[{"checkSuite":{"status":"COMPLETED"}}]}""")]
    [InlineData("""{"nodes":[{"checkSuite":{"status":null,"conclusion":null}}]}""")]
    [InlineData("""{"nodes":[{"checkSuite":{"status":"COMPLETED","conclusion":"SUCCESS","id":"1"}}]}""")]
    [InlineData("""{"nodes":{}}""")]
    public async Task A_wrong_answer_is_found(string data) =>
        (await CheckAsync(Query, Ids, data)).Should().NotBeEmpty().And.OnlyContain(static violation => violation.StartsWith("answer"));

    private async Task<IReadOnlyList<string>> CheckAsync(string query, string variables, string? data)
    {
        var checker = await fixture.GetAsync();
        var request = new JsonObject { ["query"] = query, ["variables"] = JsonNode.Parse(variables) }.ToJsonString();
        var reply = data is null ? null : $$"""{"data":{{data}}}""";
        return await checker.CheckGraphAsync(request, reply, TestContext.Current.CancellationToken);
    }
}
