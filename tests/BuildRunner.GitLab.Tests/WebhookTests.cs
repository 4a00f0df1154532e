using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.GitLab.Tests;

/// <summary>Who sent a webhook, by both schemes of GitLab, and which pipeline it is about.</summary>
public sealed class WebhookTests
{
    private const string Secret = "wh-secret";
    private const string Body = """{"object_kind":"pipeline","object_attributes":{"id":61,"iid":21,"sha":"acb5820ced9479c074f688cc328bf03f341a511d","status":"success","created_at":"2026-11-04 09:36:13 UTC"},"project":{"id":4711,"path_with_namespace":"Acme/Shop"},"builds":[]}""";

    // The vector of this project's notes on Standard Webhooks.
    private const string SigningToken = "whsec_Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=";
    private const string VectorBody = """{"object_kind":"pipeline","object_attributes":{"id":61,"status":"success"}}""";
    private const string VectorId = "3f1c1a52-8f8c-4d55-9d0e-6f2f0a0c9b11";
    private const string VectorSignature = "v1,7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=";
    private const long VectorTime = 1_790_000_000;

    [Theory]
    [InlineData(VectorBody, VectorSignature, 0, true)]
    [InlineData(VectorBody, "v1,AAAA " + VectorSignature, 0, true)]
    [InlineData(VectorBody, VectorSignature + " v2,AAAA", 300, true)]
    [InlineData(VectorBody, VectorSignature, -300, true)]
    [InlineData(VectorBody, VectorSignature, 301, false)]
    [InlineData(VectorBody, VectorSignature, -301, false)]
    [InlineData(VectorBody + " ", VectorSignature, 0, false)]
    [InlineData(VectorBody, "v1a,7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=", 0, false)]
    [InlineData(VectorBody, "7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=", 0, false)]
    [InlineData(VectorBody, VectorSignature + "," + VectorSignature, 0, false)]
    [InlineData(VectorBody, "v1,", 0, false)]
    [InlineData(VectorBody, "", 0, false)]
    public async Task A_signed_webhook_is_checked_over_its_id_its_time_and_its_bytes(
        string body, string signature, int age, bool isAuthentic)
    {
        var builds = await ReadAsync([SigningToken, Secret], body, Signed(signature, plain: Secret), VectorTime + age);

        (builds is not null).Should().Be(isAuthentic, "the plain token of the same request does not count");
    }

    [Fact]
    public async Task Each_part_of_a_signature_counts_and_each_of_several_signing_tokens_will_do()
    {
        var headers = Signed(VectorSignature);
        async Task<bool> IsAuthenticAsync(IReadOnlyList<string> secrets, string? change = null, string? value = null)
        {
            Dictionary<string, string> changed = new(headers);
            if (change is not null)
            {
                changed.Remove(change);
            }

            if (value is not null)
            {
                changed[change!] = value;
            }

            return await ReadAsync(secrets, VectorBody, changed, VectorTime) is not null;
        }

        (await IsAuthenticAsync([SigningToken])).Should().BeTrue();
        (await IsAuthenticAsync(["whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXk=", SigningToken])).Should().BeTrue();
        (await IsAuthenticAsync([SigningToken], "webhook-id", "another")).Should().BeFalse();
        (await IsAuthenticAsync([SigningToken], "webhook-id")).Should().BeFalse();
        (await IsAuthenticAsync([SigningToken], "webhook-timestamp", "1790000001")).Should().BeFalse();
        (await IsAuthenticAsync([SigningToken], "webhook-timestamp")).Should().BeFalse();
        (await IsAuthenticAsync([SigningToken["whsec_".Length..]])).Should().BeFalse("without its prefix it is a secret token");
        (await IsAuthenticAsync(["whsec_not base64", "whsec_"])).Should().BeFalse();
        (await IsAuthenticAsync([])).Should().BeFalse();
    }

    [Fact]
    public async Task A_secret_token_is_compared_and_any_of_several_will_do()
    {
        (await ReadAsync([Secret], Body, Plain(Secret))).Should().Equal(new BuildId("61"));
        (await ReadAsync(["new", Secret], Body, Plain(Secret))).Should().ContainSingle();
        (await ReadAsync([Secret], Body, Plain("wh-secre"))).Should().BeNull();
        (await ReadAsync([Secret], Body, Plain($"{Secret},{Secret}"))).Should().BeNull();
        (await ReadAsync([Secret], Body, Plain(""))).Should().BeNull();
        (await ReadAsync([Secret], Body, [])).Should().BeNull();
        (await ReadAsync([""], Body, Plain(""))).Should().BeNull();
        (await ReadAsync([], Body, Plain(Secret))).Should().BeNull();
        (await ReadAsync(null, Body, Plain(Secret))).Should().BeNull();
        (await ReadAsync([SigningToken], Body, Plain(SigningToken))).Should().BeNull("a signing token is never sent");
    }

    [Theory]
    [InlineData("""{"object_kind":"build","build_id":1,"project":{"path_with_namespace":"acme/shop"}}""")]
    [InlineData("""{"object_kind":"pipeline","object_attributes":{"id":61},"project":{"path_with_namespace":"acme/other"}}""")]
    [InlineData("""{"object_kind":"pipeline","object_attributes":{"id":61}}""")]
    [InlineData("""{"object_kind":"pipeline","object_attributes":{"id":0},"project":{"path_with_namespace":"acme/shop"}}""")]
    [InlineData("""{"object_kind":"pipeline","object_attributes":{"id":"x"},"project":{"path_with_namespace":"acme/shop"}}""")]
    [InlineData("""{"object_kind":"pipeline","object_attributes":[],"project":{"path_with_namespace":"acme/shop"}}""")]
    [InlineData("""{"text":"a template of somebody's own"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("")]
    public async Task Another_body_is_authentic_and_about_no_build(string body) =>
        (await ReadAsync([Secret], body, Plain(Secret))).Should().NotBeNull().And.BeEmpty();

    [Fact]
    public async Task A_project_that_is_configured_by_its_id_is_known_by_its_id()
    {
        (await ReadAsync([Secret], Body, Plain(Secret), project: "4711")).Should().ContainSingle();
        (await ReadAsync([Secret], Body, Plain(Secret), project: "4712")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_webhook_that_is_sent_again_is_read_again() =>
        (await ReadAsync([Secret], Body, Plain(Secret)), await ReadAsync([Secret], Body, Plain(Secret))).Item2.Should().ContainSingle();

    [Fact]
    public void The_vector_is_what_the_scheme_says()
    {
        var key = Convert.FromBase64String(SigningToken["whsec_".Length..]);

        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{VectorId}.{VectorTime}.{VectorBody}"));

        $"v1,{Convert.ToBase64String(signature)}".Should().Be(VectorSignature);
    }

    private static Dictionary<string, string> Plain(string token) => new() { ["x-gitlab-token"] = token };

    private static Dictionary<string, string> Signed(string signature, string? plain = null)
    {
        Dictionary<string, string> headers = new()
        {
            ["webhook-signature"] = signature,
            ["webhook-id"] = VectorId,
            ["webhook-timestamp"] = $"{VectorTime}",
        };
        return plain is null ? headers : new(headers) { ["X-Gitlab-Token"] = plain };
    }

    private static async Task<IReadOnlyList<BuildId>?> ReadAsync(
        IReadOnlyList<string>? secrets, string body, Dictionary<string, string> headers, long? now = null, string? project = null)
    {
        await using GitLabSetup setup = new(options =>
        {
            options.WebhookSecrets = secrets is null ? null : _ => new(secrets);
            options.Project = project ?? options.Project;
        });
        setup.Time.AdjustTime(now is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : setup.Time.GetUtcNow());
        Dictionary<string, string> all = new(headers) { ["X-Gitlab-Event"] = "Pipeline Hook", ["Idempotency-Key"] = VectorId };
        var builds = await setup.Runner.ReadWebhookAsync(all, Encoding.UTF8.GetBytes(body));
        setup.GitLab.Requests.Should().BeEmpty();
        return builds;
    }
}
