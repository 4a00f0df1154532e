using System.Text.Json;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.AotApp;

internal static class WireChecks
{
    private static readonly WireContext Wire = WireContext.Default;

    public static void Run(Checks checks)
    {
        CheckForms(checks);
        CheckHosts(checks);
        CheckRefusals(checks);
        CheckSchema(checks);
    }

    private static void CheckSchema(Checks checks)
    {
        var schema = Wire.Report.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TransformSchemaNode = BuildRunnerJsonSchema.TransformSchemaNode });
        checks.Equal("the schema of a build id", "string", schema["properties"]!["Build"]!["properties"]!["id"]!["type"]!.GetValue<string>());
        checks.Equal("what the schema of a snapshot requires", "status", schema["properties"]!["Last"]!["required"]![0]!.GetValue<string>());
    }

    private static void CheckForms(Checks checks)
    {
        BothWays(checks, """{"id":"noop-1"}""", new BuildId("noop-1"), Wire.BuildId);
        BothWays(checks, "\"\"", BuildStatus.Unknown, Wire.BuildStatus);
        BothWays(checks, "\"accepted\"", BuildStatus.Accepted, Wire.BuildStatus);
        BothWays(checks, "\"running\"", BuildStatus.Running, Wire.BuildStatus);
        BothWays(checks, "\"succeeded\"", BuildStatus.Succeeded, Wire.BuildStatus);
        BothWays(checks, "\"failed\"", BuildStatus.Failed, Wire.BuildStatus);
        BothWays(checks, "\"cancelled\"", BuildStatus.Cancelled, Wire.BuildStatus);
        BothWays(checks, "{}", BuildMetadata.Empty, Wire.BuildMetadata);
        BothWays(checks, """{"queue":"main","attempt":"2"}""", [new("queue", "main"), new("attempt", "2")], Wire.BuildMetadata);
        BothWays(checks, """{"uris":["git://host/repo/main/1","git://host/repo/main/2"]}""", new Change(["git://host/repo/main/1", "git://host/repo/main/2"]), Wire.Change);
        BothWays(checks, """{"base":[],"head":[],"metadata":{},"trigger_key":null}""", new BuildRequest(), Wire.BuildRequest);
        BothWays(
            checks,
            """{"base":[{"uris":["git://host/repo/main/1"]}],"head":[{"uris":["git://host/repo/main/2"]}],"metadata":{"queue":"main"},"trigger_key":"key"}""",
            new BuildRequest
            {
                Base = [new Change("git://host/repo/main/1")],
                Head = [new Change("git://host/repo/main/2")],
                Metadata = [new("queue", "main")],
                TriggerKey = "key",
            },
            Wire.BuildRequest);
        BothWays(checks, """{"status":"accepted","metadata":{},"poll_after":null}""", new BuildSnapshot { Status = BuildStatus.Accepted }, Wire.BuildSnapshot);
        BothWays(
            checks,
            """{"status":"failed","metadata":{"failure_kind":"code"},"poll_after":"00:00:05"}""",
            new BuildSnapshot
            {
                Status = BuildStatus.Failed,
                Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code)],
                PollAfter = TimeSpan.FromSeconds(5),
            },
            Wire.BuildSnapshot);
    }

    private static void CheckHosts(Checks checks)
    {
        var byId = Written(checks, """{"noop-1":"failed"}""", new Dictionary<BuildId, BuildStatus> { [new("noop-1")] = BuildStatus.Failed }, Wire.DictionaryBuildIdBuildStatus);
        checks.Equal("a build id as a key, read", BuildStatus.Failed, byId[new("noop-1")]);
        var byStatus = Written(checks, """{"failed":{"id":"noop-1"}}""", new Dictionary<BuildStatus, BuildId> { [BuildStatus.Failed] = new("noop-1") }, Wire.DictionaryBuildStatusBuildId);
        checks.Equal("a build status as a key, read", new BuildId("noop-1"), byStatus[BuildStatus.Failed]);
        BothWays(
            checks,
            """{"Build":{"id":"noop-1"},"Last":{"status":"running","metadata":{},"poll_after":null},"Next":null}""",
            new Report(new("noop-1"), new BuildSnapshot { Status = BuildStatus.Running }, null),
            Wire.Report);
    }

    private static void CheckRefusals(Checks checks)
    {
        Refused(checks, "{}", Wire.BuildId);
        Refused(checks, """{"ID":"noop-1"}""", Wire.BuildId);
        Refused(checks, """{"id":"noop-1","id":"noop-2"}""", Wire.BuildId);
        Refused(checks, "3", Wire.BuildStatus);
        Refused(checks, """{"queue":"main","queue":"main"}""", Wire.BuildMetadata);
        Refused(checks, """{"uris":[]}""", Wire.Change);
        Refused(checks, """{"head":[],"trigger_key":""}""", Wire.BuildRequest);
        Refused(checks, """{"heads":[{"uris":["git://host/repo/main/1"]}]}""", Wire.BuildRequest);
        Refused(checks, """{"metadata":{}}""", Wire.BuildSnapshot);
        checks.Throws<JsonException>("a default build id, written", () => JsonSerializer.Serialize(default, Wire.BuildId));
        checks.Throws<JsonException>("an unnamed build status, written", () => JsonSerializer.Serialize((BuildStatus)42, Wire.BuildStatus));
        checks.Equal("an unknown member of a build id is ignored", new BuildId("noop-1"), JsonSerializer.Deserialize("""{"more":[1],"id":"noop-1"}""", Wire.BuildId));
        checks.Equal("an unknown build status", BuildStatus.Unknown, JsonSerializer.Deserialize("\"Failed\"", Wire.BuildStatus));
    }

    private static void BothWays<T>(Checks checks, string json, T value, JsonTypeInfo<T> typeInfo) =>
        checks.Equal($"{typeof(T).Name} of {json}", value, Written(checks, json, value, typeInfo));

    private static T Written<T>(Checks checks, string json, T value, JsonTypeInfo<T> typeInfo)
    {
        checks.Equal($"{typeof(T).Name} as JSON", json, JsonSerializer.Serialize(value, typeInfo));
        return JsonSerializer.Deserialize(json, typeInfo)!;
    }

    private static void Refused<T>(Checks checks, string json, JsonTypeInfo<T> typeInfo) =>
        checks.Throws<JsonException>($"{typeof(T).Name} of {json}", () => JsonSerializer.Deserialize(json, typeInfo));
}
