using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http.Tests;

/// <summary>Lists in pages, documents with escaped characters, and webhooks of a standard.</summary>
public sealed class PagesTests
{
    private static readonly JsonTypeInfo<IReadOnlyList<Row?>> Type = PageJson.Default.IReadOnlyListRow;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(250, 3)]
    [InlineData(900, 5)]
    public async Task Pages_are_read_until_one_is_not_full_or_there_were_enough(int items, int pages)
    {
        List<string> addresses = [];
        using var backend = Calls.Backend(new ScriptedHandler(request =>
        {
            addresses.Add(request.RequestUri!.PathAndQuery);
            var page = Enumerable.Repeat("""{"state":"a"}""", Math.Clamp(items - (100 * (addresses.Count - 1)), 0, 100));
            return ScriptedHandler.Reply(200, $"[{string.Join(',', page)}]");
        }));

        var read = await backend.ReadPagesAsync("builds?a=b", Type, Missing, maxPages: 5).CountAsync();

        read.Should().Be(Math.Min(items, 500));
        addresses.Should().HaveCount(pages).And.HaveElementAt(0, "/api/builds?a=b&per_page=100&page=1");
    }

    [Fact]
    public async Task A_page_is_read_when_it_is_enumerated_and_items_that_are_null_count_and_are_left_out()
    {
        var requests = 0;
        using var backend = Calls.Backend(new ScriptedHandler(_ =>
        {
            requests++;
            return ScriptedHandler.Reply(200, $"[{string.Join(',', Enumerable.Repeat("""null,{"state":"a"}""", 50))}]");
        }));

        (await backend.ReadPagesAsync("builds?", Type, Missing).Take(50).CountAsync()).Should().Be(50);
        requests.Should().Be(1);
    }

    [Fact]
    public async Task A_list_that_is_not_there_is_what_the_runner_says()
    {
        using var backend = Calls.Backend(new ScriptedHandler(static _ => ScriptedHandler.Reply(404)));

        await FluentActions.Awaiting(async () => await backend.ReadPagesAsync("builds?", Type, Missing).CountAsync())
            .Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Theory]
    [InlineData(400, true, 100)]
    [InlineData(400, false, null)]
    [InlineData(403, true, null)]
    [InlineData(503, true, null)]
    public async Task A_list_may_end_where_the_service_refuses_a_later_page(int status, bool mayBeCut, int? expected)
    {
        var requests = 0;
        using var backend = Calls.Backend(new ScriptedHandler(_ => ++requests > 1 ? ScriptedHandler.Reply(status, "{}")
            : ScriptedHandler.Reply(200, $"[{string.Join(',', Enumerable.Repeat("""{"state":"a"}""", 100))}]")));

        var act = async () => await backend.ReadPagesAsync("builds?", Type, Missing, mayBeCut: mayBeCut).CountAsync();

        _ = expected is null ? (object)await act.Should().ThrowAsync<BuildRunnerException>() : (await act()).Should().Be(expected);
    }

    [Fact]
    public void Characters_are_escaped_in_a_document_and_count_by_their_length()
    {
        BuildRequest request = new() { Metadata = [new("x", "$A %B% \\$ \"$\"")] };

        var document = RequestDocument.Of(request, escaped: "$%");

        document.Should().NotContainAny("$", "%").And.Contain("\\u0024A \\u0025B");
        JsonSerializer.Deserialize<BuildRequest>(document).Should().Be(request);
        FluentActions.Invoking(() => RequestDocument.Of(new BuildRequest { Metadata = [new("x", new string('$', 10_000))] }, "$"))
            .Should().ThrowExactly<BuildRunnerException>();
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("v1,7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=", true)]
    [InlineData("v1,8cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=", false)]
    [InlineData("v2,7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=", false)]
    [InlineData("", false)]
    public void A_standard_webhook_is_signed_or_not_or_does_not_claim_to_be(string? signature, bool? expected)
    {
        Dictionary<string, string> headers = new()
        {
            ["Webhook-Id"] = "3f1c1a52-8f8c-4d55-9d0e-6f2f0a0c9b11",
            ["WEBHOOK-TIMESTAMP"] = "1790000000",
        };
        if (signature is not null)
        {
            headers["webhook-signature"] = signature;
        }

        var body = Encoding.UTF8.GetBytes("""{"object_kind":"pipeline","object_attributes":{"id":61,"status":"success"}}""");
        bool? Check(string secret, int age = 0) =>
            WebhookSignature.IsStandard(headers, body, ["a token", secret], DateTimeOffset.FromUnixTimeSeconds(1_790_000_000 + age));

        Check("whsec_Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=").Should().Be(expected);
        Check("whsec_Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=", age: 301).Should().NotBe(true);
        Check("Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=").Should().NotBe(true);
        Check("whsec_").Should().NotBe(true);
    }

    private static BuildRunnerConfigurationException Missing() => new("The project is hidden.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<Row?>))]
internal sealed partial class PageJson : JsonSerializerContext;
