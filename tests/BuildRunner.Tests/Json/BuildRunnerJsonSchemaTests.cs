using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Json.Schema;

namespace BuildRunner.Tests.Json;

public sealed class BuildRunnerJsonSchemaTests
{
    private static readonly JsonSchemaExporterOptions Exporting = new() { TransformSchemaNode = BuildRunnerJsonSchema.TransformSchemaNode };

    private static readonly JsonSerializerOptions[] Ways = [JsonSerializerOptions.Default, JsonSerializerOptions.Web, WireContext.Default.Options];

    private static readonly JsonSerializerOptions EnumsAsNames = new()
    {
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static TheoryData<Type, string> Malformed => new()
    {
        { typeof(BuildId), "{}" },
        { typeof(BuildId), """{"id":1}""" },
        { typeof(BuildId), """{"id":""}""" },
        { typeof(BuildId), """{"id":" \t\u3000"}""" },
        { typeof(BuildStatus), "\"Running\"" },
        { typeof(BuildStatus), "2" },
        { typeof(BuildMetadata), """{"a":1}""" },
        { typeof(BuildMetadata), "[]" },
        { typeof(Change), "{}" },
        { typeof(Change), """{"uris":[]}""" },
        { typeof(Change), """{"uris":["/etc/passwd"]}""" },
        { typeof(Change), """{"uris":["git:"]}""" },
        { typeof(Change), """{"uris":["git:a b"]}""" },
        { typeof(Change), """{"uris":["git:a\u0007"]}""" },
        { typeof(Change), """{"uris":["git://user:password@host/a"]}""" },
        { typeof(Change), """{"uris":["git:\\\\user@host/a"]}""" },
        { typeof(BuildRequest), """{"heads":[{"uris":["git:a"]}]}""" },
        { typeof(BuildRequest), """{"head":[{"uris":[]}]}""" },
        { typeof(BuildRequest), """{"head":[],"base":["git:a"]}""" },
        { typeof(BuildRequest), """{"head":[],"metadata":{"a":null}}""" },
        { typeof(BuildRequest), """{"head":[],"trigger_key":""}""" },
        { typeof(BuildRequest), """{"head":[],"trigger_key":"a\u0007b"}""" },
        { typeof(BuildSnapshot), """{"state":"failed"}""" },
        { typeof(BuildSnapshot), """{"status":3}""" },
        { typeof(BuildSnapshot), """{"status":"failed","poll_after":5}""" },
        { typeof(BuildSnapshot), """{"status":"failed","poll_after":"5"}""" },
        { typeof(BuildSnapshot), """{"status":"failed","poll_after":"24:00:00"}""" },
        { typeof(BuildSnapshot), """{"status":"failed","poll_after":"00:60:00"}""" },
    };

    [Theory]
    [MemberData(nameof(Wire.Forms), MemberType = typeof(Wire))]
    public void A_schema_accepts_what_is_written(Type type, string json)
    {
        foreach (var options in Ways)
        {
            Accepts(SchemaOf(type, options), json).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_schema_refuses_what_a_reader_would_refuse_or_not_understand(Type type, string json)
    {
        foreach (var options in Ways)
        {
            Accepts(SchemaOf(type, options), json).Should().BeFalse();
        }
    }

    [Fact]
    public void The_patterns_of_a_schema_take_the_characters_that_the_types_take()
    {
        var characters = Enumerable.Range(char.MinValue, char.MaxValue + 1).Select(code => (char)code).Where(character => !char.IsSurrogate(character)).ToList();
        var change = Pattern(SchemaOf(typeof(Change))["properties"]!["uris"]!["items"]!);
        var id = Pattern(SchemaOf(typeof(BuildId))["properties"]!["id"]!);
        var key = Pattern(SchemaOf(typeof(BuildRequest))["properties"]!["trigger_key"]!);

        characters.Where(character => change.IsMatch($"git:{character}a") != Takes(() => new Change($"git:{character}a"))).Should().BeEmpty();
        characters.Where(character => id.IsMatch($"{character}") != BuildId.TryParse($"{character}", null, out _)).Should().BeEmpty();
        characters.Where(character => key.IsMatch($"{character}a") != Takes(() => new BuildRequest { TriggerKey = $"{character}a" })).Should().BeEmpty();
    }

    [Theory]
    [InlineData("git://host/a@b")]
    [InlineData("git:user@host")]
    [InlineData("git://host?q=a@b")]
    [InlineData("git:/user@host")]
    public void A_schema_accepts_an_at_sign_that_is_no_user_information(string uri)
    {
        Accepts(SchemaOf(typeof(Change)), JsonSerializer.Serialize(new Change(uri))).Should().BeTrue();
    }

    [Fact]
    public void Every_written_member_has_a_schema_and_those_that_are_needed_are_required()
    {
        foreach (var (type, json) in Wire.Forms.Select(form => form.Data).Where(form => form.Item1 != typeof(BuildStatus) && form.Item1 != typeof(BuildMetadata)))
        {
            var written = JsonNode.Parse(json)!.AsObject().Select(member => member.Key);

            SchemaOf(type)["properties"]!.AsObject().Select(member => member.Key).Should().Equal(written);
        }

        Required<BuildId>().Should().Equal("id");
        Required<Change>().Should().Equal("uris");
        Required<BuildRequest>().Should().Equal("head");
        Required<BuildSnapshot>().Should().Equal("status");
    }

    [Fact]
    public void The_schema_of_a_status_names_every_status()
    {
        var names = Enum.GetValues<BuildStatus>().Select(status => JsonSerializer.SerializeToNode(status)!.GetValue<string>());

        SchemaOf(typeof(BuildStatus))["enum"]!.AsArray().Select(name => name!.GetValue<string>()).Should().Equal(names);
    }

    [Fact]
    public void Null_is_allowed_where_a_property_may_be_null()
    {
        const string Nulls = """{"Id":{"id":"a"},"Previous":null,"Status":"","LastStatus":null,"Metadata":null,"Change":null,"Request":null,"Snapshot":null,"Names":null,"Counts":null,"Ids":null,"Changes":null}""";
        foreach (var options in new[] { JsonSerializerOptions.Default, WireContext.Default.Options })
        {
            var schema = SchemaOf(typeof(Envelope), options);

            Accepts(schema, Nulls).Should().BeTrue();
            Accepts(schema, Nulls.Replace("""{"id":"a"}""", "null", StringComparison.Ordinal)).Should().BeFalse();
            Accepts(schema, Nulls.Replace("\"\"", "null", StringComparison.Ordinal)).Should().BeFalse();
        }
    }

    [Fact]
    public void A_type_that_has_the_types_is_typed_throughout()
    {
        var schema = SchemaOf(typeof(Envelope));

        Accepts(schema, """{"Previous":{"id":1}}""").Should().BeFalse();
        Accepts(schema, """{"LastStatus":"Running"}""").Should().BeFalse();
        Accepts(schema, """{"Request":{}}""").Should().BeFalse();
        Accepts(schema, """{"Ids":[{}]}""").Should().BeFalse();
        Accepts(schema, """{"Changes":[{"uris":[]}]}""").Should().BeFalse();
    }

    [Fact]
    public void Other_members_are_refused_where_the_host_disallows_them()
    {
        const string Json = """{"head":[{"uris":["git:a"],"more":1}]}""";

        Accepts(SchemaOf(typeof(BuildRequest), JsonSerializerOptions.Strict), Json).Should().BeFalse();
        Accepts(SchemaOf(typeof(BuildRequest)), Json).Should().BeTrue();
    }

    [Fact]
    public void A_status_that_another_converter_writes_has_the_schema_of_that_one()
    {
        var schema = SchemaOf(typeof(Row), EnumsAsNames);

        Accepts(schema, """{"Bare":"Running","BareOrNull":"Running","Own":"running","OwnOrNull":"running"}""").Should().BeTrue();
        Accepts(schema, """{"Bare":"running"}""").Should().BeFalse();
        Accepts(schema, """{"BareOrNull":"running"}""").Should().BeFalse();
        Accepts(schema, """{"Own":"Running"}""").Should().BeFalse();
        Accepts(schema, """{"OwnOrNull":"Running"}""").Should().BeFalse();
        Accepts(schema, """{"BareOrNull":null,"OwnOrNull":null}""").Should().BeTrue();
        JsonSerializer.Serialize(new Row { Bare = BuildStatus.Running, Own = BuildStatus.Running }, EnumsAsNames)
            .Should().Be("""{"Bare":"Running","BareOrNull":null,"Own":"running","OwnOrNull":null}""");
    }

    [Fact]
    public void Other_types_keep_their_schema()
    {
        var plain = JsonSerializerOptions.Default.GetJsonSchemaAsNode(typeof(Version[]));

        SchemaOf(typeof(Version[])).ToJsonString().Should().Be(plain.ToJsonString());
    }

    [Fact]
    public void Every_public_status_of_the_package_has_the_converter_on_the_property()
    {
        var properties = typeof(BuildStatus).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetProperties())
            .Where(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(BuildStatus))
            .ToList();

        properties.Should().Contain(typeof(BuildSnapshot).GetProperty(nameof(BuildSnapshot.Status))!)
            .And.OnlyContain(property => property.GetCustomAttribute<JsonConverterAttribute>()!.ConverterType == typeof(BuildStatusJsonConverter));
    }

    private static JsonNode SchemaOf(Type type, JsonSerializerOptions? options = null) => (options ?? JsonSerializerOptions.Default).GetJsonSchemaAsNode(type, Exporting);

    // As the validators of JSON schemas read them.
    private static Regex Pattern(JsonNode schema) => new(schema["pattern"]!.GetValue<string>(), RegexOptions.ECMAScript);

    private static bool Takes(Func<object> create)
    {
        try
        {
            _ = create();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Required<T>() => SchemaOf(typeof(T))["required"]!.AsArray().Select(name => name!.GetValue<string>());

    private static bool Accepts(JsonNode schema, string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSchema.FromText(schema.ToJsonString()).Evaluate(document.RootElement).IsValid;
    }

    private sealed record Row
    {
        public BuildStatus Bare { get; init; }

        public BuildStatus? BareOrNull { get; init; }

        [JsonConverter(typeof(BuildStatusJsonConverter))]
        public BuildStatus Own { get; init; }

        [JsonConverter(typeof(BuildStatusJsonConverter))]
        public BuildStatus? OwnOrNull { get; init; }
    }
}
