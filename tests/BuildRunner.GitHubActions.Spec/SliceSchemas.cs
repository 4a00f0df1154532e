using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>The schemas of a slice, as JSON schemas that a value can be held against.</summary>
/// <remarks>
/// Thread-safe. A schema is closed where it names members and does not say that there may be others, so that a misspelt member is found.
/// </remarks>
internal sealed class SliceSchemas(JsonObject components)
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonObject _definitions = ConvertedAll((JsonObject)components["schemas"]!);

    /// <summary>Gets what an object of the slice stands for: itself, or what it refers to.</summary>
    public JsonNode Resolve(JsonNode node) => node["$ref"]?.GetValue<string>() is { } reference
        ? Resolve(reference.Split('/').Skip(2).Aggregate((JsonNode)components, static (parent, name) => parent[name]!))
        : node;

    /// <summary>Makes a schema of one of the slice, when it is needed first.</summary>
    public Lazy<JsonSchema> Compile(JsonNode schema) => new(() =>
    {
        var text = Converted(schema)!.ToJsonString();
        var refers = text.Contains("\"$ref\"", StringComparison.Ordinal);
        return JsonSchema.FromText(refers ? $$"""{"$defs":{{_definitions.ToJsonString()}},"allOf":[{{text}}]}""" : text);
    });

    /// <summary>Gets what a schema has against a value: nothing, if it is right.</summary>
    public static IEnumerable<string> Check(Lazy<JsonSchema> schema, JsonNode? value)
    {
        var results = schema.Value.Evaluate(value, Options);
        if (results.IsValid)
        {
            return [];
        }

        var errors = results.Details
            .Where(static detail => detail.HasErrors)
            .SelectMany(
                static detail => detail.Errors!,
                static (detail, error) => $"{detail.InstanceLocation} {error.Value} [{detail.EvaluationPath}]")
            .ToList();
        return errors.Count > 0 ? errors : ["it does not fit its schema"];
    }

    private static JsonObject ConvertedAll(JsonObject schemas) =>
        new(schemas.Select(static pair => KeyValuePair.Create(pair.Key, Converted(pair.Value))));

    // What OpenAPI 3.0 says in another way than JSON schema.
    private static JsonNode? Converted(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                return new JsonArray([.. array.Select(Converted)]);
            case JsonObject schema:
                JsonObject converted = new(schema.Where(static pair => pair.Key != "nullable").Select(static pair => KeyValuePair.Create(
                    pair.Key,
                    pair.Key switch
                    {
                        "properties" => ConvertedAll((JsonObject)pair.Value!),
                        "$ref" => pair.Value!.GetValue<string>().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal),
                        _ => Converted(pair.Value),
                    })));
                if (converted["properties"] is JsonObject { Count: > 0 } && !converted.ContainsKey("additionalProperties"))
                {
                    converted["additionalProperties"] = false;
                }

                return schema["nullable"]?.GetValue<bool>() == true ? Nullable(converted) : converted;
            default:
                return node?.DeepClone();
        }
    }

    private static JsonObject Nullable(JsonObject schema)
    {
        // A choice of two schemas would do as well, but it has a complaint of each.
        schema["type"] = new JsonArray(schema["type"]!.DeepClone(), "null");
        (schema["enum"] as JsonArray)?.Add(null);
        return schema;
    }
}
