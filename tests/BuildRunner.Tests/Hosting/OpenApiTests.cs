using System.Text.Json.Nodes;
using BuildRunner.Tests.Documentation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Tests.Hosting;

/// <summary>The types in an OpenAPI document of ASP.NET Core, with the transformer from the page about the wire format.</summary>
public sealed class OpenApiTests
{
    private static readonly IOpenApiSchemaTransformer Transformer = PageType.Create<IOpenApiSchemaTransformer>("doc/wire-format.md", "BuildRunnerSchemas");

    [Fact, Slow]
    public async Task The_document_of_a_service_has_typed_schemas()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;

        schemas["BuildId"]!["properties"]!["id"]!["type"]!.GetValue<string>().Should().Be("string");
        Required(schemas["BuildRequest"]!).Should().Equal("head");
        schemas["BuildRequest"]!["properties"]!.AsObject().Select(member => member.Key).Should().Equal("base", "head", "metadata", "trigger_key");
        Required(schemas["BuildSnapshot"]!).Should().Equal("status");
        schemas["BuildSnapshot"]!["properties"]!["status"]!["enum"]!.AsArray().Should().HaveCount(Enum.GetValues<BuildStatus>().Length);
        schemas["BuildMetadata"]!["additionalProperties"]!["type"]!.GetValue<string>().Should().Be("string");
    }

    [Fact, Slow]
    public async Task The_items_of_a_list_are_typed_too()
    {
        var row = (await DocumentAsync())["components"]!["schemas"]!["Row"]!["properties"]!;

        Required(row["changes"]!["items"]!).Should().Equal("uris");
        Required(row["names"]!["additionalProperties"]!).Should().Equal("id");
    }

    private static IEnumerable<string> Required(JsonNode schema) => schema["required"]!.AsArray().Select(name => name!.GetValue<string>());

    private static async Task<JsonNode> DocumentAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenApi(options => options.AddSchemaTransformer(Transformer));
        await using var app = builder.Build();
        app.MapOpenApi();
        app.MapPost("/builds", (BuildRequest request) => new BuildId($"{request.Head.Count}"));
        app.MapGet("/builds/{id}", (BuildId id) => new BuildSnapshot { Status = BuildStatus.Running, Metadata = [new("id", id.Value)] });
        app.MapPost("/rows", (Row row) => row);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();
        return JsonNode.Parse(await client.GetStringAsync($"{app.Urls.Single()}/openapi/v1.json", TestContext.Current.CancellationToken))!;
    }

    internal sealed record Row(BuildMetadata? Metadata, List<Change> Changes, Dictionary<string, BuildId> Names);
}
