using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner;

/// <summary>Provides the JSON schemas of this package's types, for <see cref="JsonSchemaExporter"/>, which cannot see into a
/// converter.</summary>
public static class BuildRunnerJsonSchema
{
    // Written out, because regular expression dialects differ in the meaning of \s and \p.
    private const string Control = @"\x00-\x1f\x7f-\x9f";
    private const string WhiteSpace = @"\x09-\x0d\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

    private const string Uri = $@"^(?![^:]*:[/\\]{{2}}[^/\\?#]*@)[A-Za-z][A-Za-z0-9+.-]*:[^{WhiteSpace}{Control}]+$";

    /// <summary>Replaces the schema of a type of this package, and leaves every other schema unchanged. Assign it to <see
    /// cref="JsonSchemaExporterOptions.TransformSchemaNode"/>.</summary>
    /// <param name="context">The context of the exporter.</param>
    /// <param name="schema">The schema that the exporter has generated.</param>
    /// <returns>The schema of the JSON that the type's converter writes, if that converter is in use; otherwise,
    /// <paramref name="schema"/>.</returns>
    /// <remarks>The schema allows null if its property may be null. It allows other members unless the options have <see
    /// cref="JsonUnmappedMemberHandling.Disallow"/>. Safe for concurrent use.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="schema"/> is <see langword="null"/>.</exception>
    public static JsonNode TransformSchemaNode(JsonSchemaExporterContext context, JsonNode schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var options = context.TypeInfo.Options;
        if (SchemaOf(ConverterOf(context), options) is { } typed)
        {
            return MayBeNull(context) ? OrNull(typed) : typed;
        }

        // The exporter writes nothing about items of a type that it does not know, and does not visit them.
        if (schema is JsonObject list
            && context.TypeInfo.ElementType is { } item
            && SchemaOf(ConverterOf(item, options), options) is { } typedItem)
        {
            var member = context.TypeInfo.Kind == JsonTypeInfoKind.Dictionary ? "additionalProperties" : "items";
            list[member] = IsNullable(item) ? OrNull(typedItem) : typedItem;
        }

        return schema;
    }

    private static JsonObject? SchemaOf(Type? converter, JsonSerializerOptions options)
    {
        var open = options.UnmappedMemberHandling != JsonUnmappedMemberHandling.Disallow;
        return converter switch
        {
            _ when converter == typeof(BuildIdJsonConverter) => BuildId(open),
            _ when converter == typeof(BuildStatusJsonConverter) => BuildStatus(),
            _ when converter == typeof(BuildMetadataJsonConverter) => BuildMetadata(),
            _ when converter == typeof(ChangeJsonConverter) => Change(open),
            _ when converter == typeof(BuildRequestJsonConverter) => BuildRequest(open),
            _ when converter == typeof(BuildSnapshotJsonConverter) => BuildSnapshot(open),
            _ => null,
        };
    }

    // A converter on the property wins. If the property is nullable the converter is wrapped, and only the attribute reveals it.
    private static Type? ConverterOf(JsonSchemaExporterContext context) => context.PropertyInfo switch
    {
        { CustomConverter: not null, AttributeProvider: { } attributes } when IsNullable(context.TypeInfo.Type) =>
            attributes
                .GetCustomAttributes(typeof(JsonConverterAttribute), inherit: false)
                .OfType<JsonConverterAttribute>()
                .FirstOrDefault()
                ?.ConverterType,
        { CustomConverter: { } own } => own.GetType(),
        _ => ConverterOf(context.TypeInfo.Type, context.TypeInfo.Options),
    };

    private static Type ConverterOf(Type type, JsonSerializerOptions options) =>
        options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type).Converter.GetType();

    private static bool IsNullable(Type type) => Nullable.GetUnderlyingType(type) is not null;

    private static bool MayBeNull(JsonSchemaExporterContext context) =>
        IsNullable(context.TypeInfo.Type)
        || context.PropertyInfo is { PropertyType.IsValueType: false } property && (property.IsGetNullable || property.IsSetNullable);

    private static JsonObject BuildId(bool open) => Object(open, "id", new()
    {
        ["id"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["pattern"] = $"[^{WhiteSpace}]" },
    });

    private static JsonObject BuildStatus() => new()
    {
        ["type"] = "string",
        ["enum"] = new JsonArray("", "accepted", "running", "succeeded", "failed", "cancelled"),
    };

    private static JsonObject BuildMetadata() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = new JsonObject { ["type"] = "string" },
    };

    private static JsonObject Change(bool open)
    {
        JsonObject uri = new() { ["type"] = "string", ["pattern"] = Uri };
        return Object(open, "uris", new() { ["uris"] = new JsonObject { ["type"] = "array", ["items"] = uri, ["minItems"] = 1 } });
    }

    private static JsonObject BuildRequest(bool open) => Object(open, "head", new()
    {
        ["base"] = new JsonObject { ["type"] = "array", ["items"] = Change(open) },
        ["head"] = new JsonObject { ["type"] = "array", ["items"] = Change(open) },
        ["metadata"] = BuildMetadata(),
        ["trigger_key"] = OrNull(new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 255, ["pattern"] = $"^[^{Control}]+$" }),
    });

    private static JsonObject BuildSnapshot(bool open) => Object(open, "status", new()
    {
        ["status"] = BuildStatus(),
        ["metadata"] = BuildMetadata(),
        ["poll_after"] = OrNull(new()
        {
            ["type"] = "string",
            ["pattern"] = @"^-?([0-9]+\.)?([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,7})?$",
        }),
    });

    private static JsonObject Object(bool open, string required, JsonObject properties)
    {
        // Not a collection expression, which would add the text by reflection.
        JsonObject schema = new() { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray((JsonNode)required) };
        if (!open)
        {
            schema["additionalProperties"] = false;
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        schema["type"] = new JsonArray((string)schema["type"]!, "null");
        if (schema["enum"] is JsonArray names)
        {
            names.Add(null);
        }

        return schema;
    }
}
