using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

/// <summary>The options of applications that the types are serialised in.</summary>
internal static class Hosts
{
    private static readonly Dictionary<string, JsonSerializerOptions> All = new()
    {
        ["web"] = JsonSerializerOptions.Web,
        ["strict"] = JsonSerializerOptions.Strict,
        ["camel case"] = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase },
        ["kebab case"] = new() { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower },
        ["upper snake case"] = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper },
        ["names without case"] = new() { PropertyNameCaseInsensitive = true },
        ["policy for keys"] = new() { DictionaryKeyPolicy = JsonNamingPolicy.KebabCaseUpper },
        ["no nulls"] = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull },
        ["no defaults"] = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault },
        ["references"] = new() { ReferenceHandler = ReferenceHandler.Preserve },
        ["cycles"] = new() { ReferenceHandler = ReferenceHandler.IgnoreCycles },
        ["no unmapped members"] = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow },
        ["nullable annotations"] = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true },
        ["no duplicates"] = new() { AllowDuplicateProperties = false },
        ["populate"] = new() { PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate },
        ["numbers as strings"] = new() { NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString },
        ["fields"] = new() { IncludeFields = true, IgnoreReadOnlyProperties = true },
        ["small buffer"] = new() { DefaultBufferSize = 1 },
        ["strict by source generation"] = new(JsonSerializerDefaults.Strict) { TypeInfoResolver = WireContext.Default },
        ["web by source generation"] = new(JsonSerializerDefaults.Web) { TypeInfoResolver = WireContext.Default },
        ["camel case by source generation"] = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, TypeInfoResolver = WireContext.Default },
        ["references by source generation"] = new() { ReferenceHandler = ReferenceHandler.Preserve, TypeInfoResolver = WireContext.Default },
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static JsonSerializerOptions Named(string name) => All[name];
}
