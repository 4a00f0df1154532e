using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

/// <summary>The accepted member names for each set of options.</summary>
public sealed class MemberNameJsonTests
{
    private static readonly BuildRequest Request = new() { Base = [new("git:a")], Head = [new("git:b")], Metadata = [new("Queue", "main")], TriggerKey = "k" };
    private static readonly BuildSnapshot Snapshot = new() { Status = BuildStatus.Running, Metadata = [new("Queue", "main")], PollAfter = TimeSpan.FromSeconds(5) };

    private static readonly JsonSerializerOptions CamelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly JsonSerializerOptions Swapped = new() { PropertyNamingPolicy = new Swapping() };
    private static readonly JsonSerializerOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static TheoryData<string> Refusing =>
        [.. Hosts.Names.Select(row => row.Data).Where(name => Hosts.Named(name).UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow)];

    public static TheoryData<string> Ignoring => [.. Hosts.Names.Select(row => row.Data).Except(Refusing.Select(row => row.Data))];

    public static TheoryData<Type, string> WithMore => new()
    {
        { typeof(BuildId), """{"id":"a","more":1}""" },
        { typeof(Change), """{"uris":["git:a"],"more":[{}]}""" },
        { typeof(BuildRequest), """{"head":[],"bases":[]}""" },
        { typeof(BuildRequest), """{"head":[{"uris":["git:a"],"more":{}}]}""" },
        { typeof(BuildRequest), """{"base":[{"more":null,"uris":["git:a"]}],"head":[]}""" },
        { typeof(BuildSnapshot), """{"status":"failed","more":"x"}""" },
    };

    [Theory]
    [MemberData(nameof(Hosts.Names), MemberType = typeof(Hosts))]
    public void A_required_member_that_is_misspelt_is_refused_by_every_host(string host)
    {
        ShouldBeMalformed<BuildId>("""{"ident":"noop-1"}""", Hosts.Named(host));
        ShouldBeMalformed<Change>("""{"urls":["git:a"]}""", Hosts.Named(host));
        ShouldBeMalformed<BuildRequest>("""{"heads":[{"uris":["git:a"]}]}""", Hosts.Named(host));
        ShouldBeMalformed<BuildRequest>("""{"base":[{"uris":["git:a"]}]}""", Hosts.Named(host));
        ShouldBeMalformed<BuildSnapshot>("""{"state":"failed"}""", Hosts.Named(host));
    }

    [Theory]
    [InlineData("web", "base", "head", "metadata", "triggerKey")]
    [InlineData("web", "Base", "HEAD", "metaData", "TriggerKey")]
    [InlineData("web", "base", "head", "metadata", "TRIGGER_KEY")]
    [InlineData("web by source generation", "base", "head", "metadata", "triggerKey")]
    [InlineData("camel case", "base", "head", "metadata", "triggerKey")]
    [InlineData("camel case", "base", "head", "metadata", "trigg\\u0065rKey")]
    [InlineData("camel case", "base", "head", "metadata", "trigger_key")]
    [InlineData("camel case by source generation", "base", "head", "metadata", "triggerKey")]
    [InlineData("strict", "base", "head", "metadata", "trigger_key")]
    [InlineData("kebab case", "base", "head", "metadata", "trigger-key")]
    [InlineData("upper snake case", "BASE", "HEAD", "METADATA", "TRIGGER_KEY")]
    [InlineData("upper snake case", "base", "HEAD", "metadata", "trigger_key")]
    [InlineData("names without case", "Base", "HEAD", "mEtAdAtA", "Trigger_Key")]
    public void A_request_is_read_by_the_documented_names_and_by_those_of_the_host(string host, string @base, string head, string metadata, string key)
    {
        var json = $$"""{"{{metadata}}":{"Queue":"main"},"{{key}}":"k","{{@base}}":[{"uris":["git:a"]}],"{{head}}":[{"uris":["git:b"]}]}""";

        JsonSerializer.Deserialize<BuildRequest>(json, Hosts.Named(host)).Should().Be(Request);
    }

    [Theory]
    [InlineData("web", "status", "pollAfter")]
    [InlineData("web", "STATUS", "POLL_AFTER")]
    [InlineData("camel case", "status", "poll_after")]
    [InlineData("kebab case", "status", "poll-after")]
    [InlineData("upper snake case", "STATUS", "POLL_AFTER")]
    public void A_snapshot_is_read_by_the_documented_names_and_by_those_of_the_host(string host, string status, string pollAfter)
    {
        var json = $$"""{"{{status}}":"running","metadata":{"Queue":"main"},"{{pollAfter}}":"00:00:05"}""";

        JsonSerializer.Deserialize<BuildSnapshot>(json, Hosts.Named(host)).Should().Be(Snapshot);
    }

    [Theory]
    [InlineData("web", "Id", "Uris")]
    [InlineData("upper snake case", "ID", "URIS")]
    [InlineData("names without case", "iD", "uRIs")]
    public void An_id_and_a_change_are_read_by_the_names_of_the_host(string host, string id, string uris)
    {
        JsonSerializer.Deserialize<BuildId>($$"""{"{{id}}":"noop-1"}""", Hosts.Named(host)).Should().Be(new BuildId("noop-1"));
        JsonSerializer.Deserialize<Change>($$"""{"{{uris}}":["git:a"]}""", Hosts.Named(host)).Should().Be(new Change("git:a"));
    }

    [Fact]
    public void Without_a_policy_a_member_has_its_documented_name_alone()
    {
        ShouldBeMalformed<BuildId>("""{"Id":"noop-1"}""", JsonSerializerOptions.Default);
        ShouldBeMalformed<BuildRequest>("""{"Head":[]}""", JsonSerializerOptions.Default);
        ShouldBeMalformed<BuildSnapshot>("""{"Status":"failed"}""", JsonSerializerOptions.Default);
        ShouldBeMalformed<Change>("""{"URIS":["git:a"]}""", CamelCase);
    }

    [Theory]
    [InlineData("""{"head":[],"triggerKey":"k","trigger_key":"k"}""")]
    [InlineData("""{"head":[],"trigger_key":null,"triggerKey":"k"}""")]
    [InlineData("""{"head":[],"HEAD":[]}""")]
    [InlineData("""{"base":null,"head":[],"Base":[]}""")]
    [InlineData("""{"head":[{"uris":["git:a"],"Uris":["git:a"]}]}""")]
    public void A_member_that_is_there_in_two_spellings_is_refused(string json)
    {
        ShouldBeMalformed<BuildRequest>(json, JsonSerializerOptions.Web);
        ShouldBeMalformed<BuildRequest>(json, Hosts.Named("web by source generation"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_repeated_member_is_refused_whether_or_not_the_host_allows_repeated_ones(bool allowed)
    {
        var options = new JsonSerializerOptions { AllowDuplicateProperties = allowed };

        ShouldBeMalformed<BuildId>("""{"id":"a","id":"a"}""", options);
        ShouldBeMalformed<Change>("""{"uris":["git:a"],"uris":["git:a"]}""", options);
        ShouldBeMalformed<BuildRequest>("""{"head":[],"head":[]}""", options);
        ShouldBeMalformed<BuildSnapshot>("""{"status":"failed","status":"failed"}""", options);
        ShouldBeMalformed<BuildMetadata>("""{"a":"1","a":"1"}""", options);
    }

    [Fact]
    public void A_policy_cannot_give_the_documented_name_of_one_member_to_another()
    {
        var read = JsonSerializer.Deserialize<BuildRequest>("""{"base":[{"uris":["git:a"]}],"head":[]}""", Swapped);

        read.Should().Be(new BuildRequest { Base = [new("git:a")] });
    }

    [Theory]
    [MemberData(nameof(Hosts.Names), MemberType = typeof(Hosts))]
    public void The_keys_of_metadata_are_texts_and_not_names(string host)
    {
        const string Json = """{"key":"1","KEY":"2","TriggerKey":"3","trigger_key":"4"}""";
        BuildMetadata metadata = [new("key", "1"), new("KEY", "2"), new("TriggerKey", "3"), new("trigger_key", "4")];

        JsonSerializer.Deserialize<BuildMetadata>(Json, Hosts.Named(host))!.Equals(metadata).Should().BeTrue();
        JsonSerializer.Serialize(metadata, Hosts.Named(host)).Should().Be(Json);
    }

    [Fact]
    public void There_are_hosts_of_both_kinds()
    {
        Refusing.Select(row => row.Data).Should().Contain(["strict", "strict by source generation"]);
        Ignoring.Should().HaveCountGreaterThan(10);
    }

    [Theory]
    [MemberData(nameof(WithMore))]
    public void Unknown_members_are_refused_where_the_host_disallows_them(Type type, string json)
    {
        foreach (var host in Refusing.Select(row => row.Data))
        {
            var act = () => JsonSerializer.Deserialize(json, type, Hosts.Named(host));

            act.Should().Throw<JsonException>($"{host} disallows them");
        }
    }

    [Theory]
    [MemberData(nameof(WithMore))]
    public void Unknown_members_are_ignored_elsewhere(Type type, string json)
    {
        var expected = JsonSerializer.Deserialize(json, type);

        foreach (var host in Ignoring.Select(row => row.Data))
        {
            JsonSerializer.Deserialize(json, type, Hosts.Named(host)).Should().Be(expected).And.NotBeNull(host);
        }
    }

    [Fact]
    public void Case_is_folded_and_nothing_else()
    {
        ShouldBeMalformed<BuildId>("""{"\u0130d":"noop-1"}""", AnyCase);
        ShouldBeMalformed<BuildSnapshot>("""{"\u017Ftatus":"failed"}""", AnyCase);
        ShouldBeMalformed<BuildRequest>("""{"head ":[]}""", AnyCase);
    }

    private static void ShouldBeMalformed<T>(string json, JsonSerializerOptions options)
    {
        var act = () => JsonSerializer.Deserialize<T>(json, options);

        act.Should().Throw<JsonException>();
    }

    private sealed class Swapping : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name switch
        {
            "Base" => "head",
            "Head" => "base",
            _ => name,
        };
    }
}
