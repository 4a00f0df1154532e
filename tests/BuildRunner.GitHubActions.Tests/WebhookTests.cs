using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>Checks the sender of a webhook, and finds its run.</summary>
public sealed class WebhookTests
{
    private const string Secret = "wh-secret";
    private const string Run = """{"action":"completed","workflow_run":{"id":30433642,"head_sha":"acb5820ced9479c074f688cc328bf03f341a511d","status":"queued","conclusion":null},"repository":{"full_name":"Acme/Shop"}}""";
    private const string Job = """{"action":"queued","workflow_job":{"id":1,"run_id":30433642,"head_sha":"acb5820ced9479c074f688cc328bf03f341a511d","status":"waiting"},"repository":{"full_name":"acme/shop"}}""";

    // Vectors A and B of GitHub's documentation and of this project's notes on it.
    [Theory]
    [InlineData("It's a Secret to Everybody", "Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData(Secret,
        """{"action":"completed","workflow_run":{"id":30433642,"run_attempt":1,"status":"completed","conclusion":"success"}}""",
        "f885d3167b5b7525ecd6fb82ac692edf3aa3885ab0e5032d2ad8420bd69fbf9c")]
    public async Task A_body_that_GitHub_has_signed_is_authentic(string secret, string body, string signature)
    {
        var builds = await ReadAsync([secret], body, $"sha256={signature}");
        var forged = await ReadAsync([secret], body + " ", $"sha256={signature}");

        builds.Should().NotBeNull().And.BeEmpty();
        forged.Should().BeNull();
    }

    [Theory]
    [InlineData("workflow_run", Run)]
    [InlineData("workflow_job", Job)]
    public async Task A_run_and_a_job_name_their_run_as_JSON_and_as_a_form(string kind, string body)
    {
        var form = $"payload={WebUtility.UrlEncode(body)}";

        (await ReadAsync([Secret], body, Sign(body), kind)).Should().Equal(new BuildId("30433642"));
        (await ReadAsync([Secret], form, Sign(form), kind)).Should().Equal(new BuildId("30433642"));
    }

    [Theory]
    [InlineData("ping", """{"zen":"Keep it logically awesome.","repository":{"full_name":"acme/shop"}}""")]
    [InlineData("check_run", Run)]
    [InlineData(null, Run)]
    [InlineData("workflow_run", """{"workflow_run":{"id":30433642},"repository":{"full_name":"acme/other"}}""")]
    [InlineData("workflow_run", """{"workflow_run":{"id":30433642}}""")]
    [InlineData("workflow_run", """{"workflow_run":null,"repository":{"full_name":"acme/shop"}}""")]
    [InlineData("workflow_run", """{"workflow_run":{"id":"x"},"repository":{"full_name":"acme/shop"}}""")]
    [InlineData("workflow_run", "not JSON")]
    [InlineData("workflow_run", "")]
    public async Task Another_event_is_authentic_and_of_no_build(string? kind, string body) =>
        (await ReadAsync([Secret], body, Sign(body), kind)).Should().NotBeNull().And.BeEmpty();

    [Fact]
    public async Task What_is_not_signed_by_a_secret_is_not_authentic()
    {
        // Vector B with the older of GitHub's two headers.
        const string Body = """{"action":"completed","workflow_run":{"id":30433642,"run_attempt":1,"status":"completed","conclusion":"success"}}""";
        const string Sha1 = "sha1=27ef5c5f2ec1ff9e0fb1cbaadc86642f0743dd8b";

        (await ReadAsync([Secret], Run, signature: null)).Should().BeNull();
        (await ReadAsync([Secret], Body, signature: null, legacy: Sha1)).Should().BeNull();
        (await ReadAsync([Secret], Body, Sha1)).Should().BeNull();
        (await ReadAsync([Secret], Run, Sign(Run)["sha256=".Length..])).Should().BeNull();
        (await ReadAsync([Secret], Run, Sign(Run)[..^2])).Should().BeNull();
        (await ReadAsync([Secret], Run, Sign(Run)[..^2] + "zz")).Should().BeNull();
        (await ReadAsync([Secret], Run, $"{Sign(Run)},{Sign(Run)}")).Should().BeNull();
        (await ReadAsync(["another"], Run, Sign(Run))).Should().BeNull();
        (await ReadAsync([], Run, Sign(Run))).Should().BeNull();
        (await ReadAsync([""], Run, Sign(Run, ""))).Should().BeNull();
        (await ReadAsync(null, Run, Sign(Run))).Should().BeNull();
    }

    [Fact]
    public async Task Any_of_several_secrets_will_do()
    {
        (await ReadAsync(["new", Secret], Run, Sign(Run))).Should().ContainSingle();
        (await ReadAsync([Secret, "new"], Run, Sign(Run))).Should().ContainSingle();
    }

    [Fact]
    public async Task A_webhook_that_is_sent_again_is_told_again() => // It carries no time, and a redelivery is legitimate.
        (await ReadAsync([Secret], Run, Sign(Run)), await ReadAsync([Secret], Run, Sign(Run))).Item2.Should().ContainSingle();

    private static string Sign(string body, string secret = Secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private static async Task<IReadOnlyList<BuildId>?> ReadAsync(IReadOnlyList<string>? secrets, string body, string? signature,
        string? kind = "workflow_run", string? legacy = null)
    {
        await using GitHubSetup setup = new(configure: options => options.WebhookSecrets = secrets is null ? null : _ => new(secrets));
        Dictionary<string, string> headers = new()
        {
            ["content-type"] = "application/json",
            ["x-github-delivery"] = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
        };
        foreach (var (name, value) in new[] { ("X-GITHUB-EVENT", kind), ("x-hub-signature-256", signature), ("X-Hub-Signature", legacy) })
        {
            if (value is not null)
            {
                headers[name] = value;
            }
        }

        var builds = await setup.Runner.ReadWebhookAsync(headers, Encoding.UTF8.GetBytes(body));
        setup.GitHub.Requests.Should().BeEmpty();
        return builds;
    }
}
