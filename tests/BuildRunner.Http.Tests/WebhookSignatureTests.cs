using System.Text;

namespace BuildRunner.Http.Tests;

/// <summary>The vectors are those that the services publish, or were made with other implementations of their schemes.</summary>
public sealed class WebhookSignatureTests
{
    private const string GitHubBody =
        """{"action":"completed","workflow_run":{"id":30433642,"run_attempt":1,"status":"completed","conclusion":"success"}}""";
    private const string GitHubSignature = "f885d3167b5b7525ecd6fb82ac692edf3aa3885ab0e5032d2ad8420bd69fbf9c";
    private const string Sixteen = "\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660";
    private const string OtherDigits = Sixteen + Sixteen + Sixteen + Sixteen;
    private const string BuildkiteBody = """{"event":"build.finished","build":{"number":7,"state":"passed","blocked":false}}""";
    private const string GitLabKey = "Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=";
    private const string GitLabPrefix = "3f1c1a52-8f8c-4d55-9d0e-6f2f0a0c9b11.1790000000.";
    private const string GitLabBody = """{"object_kind":"pipeline","object_attributes":{"id":61,"status":"success"}}""";
    private const string GitLabSignature = "7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=";

    [Theory]
    [InlineData("It's a Secret to Everybody", "", "Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("wh-secret", "", GitHubBody, GitHubSignature)]
    [InlineData("bk-webhook-token", "1619071700.", BuildkiteBody, "7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3")]
    [InlineData("gitea-secret", "", """{"ref":"refs/heads/main"}""", "6aab54046b413afedbc6d4ff0d3b4fd694c1af82c19c0be7ee9b80438b90223d")]
    public void A_signature_in_hexadecimal_is_that_of_its_key_prefix_and_body_alone(
        string secret,
        string prefix,
        string body,
        string signature)
    {
        IsHex(signature, body, [secret], prefix).Should().BeTrue();
        IsHex(signature.ToUpperInvariant(), body, [secret], prefix).Should().BeTrue("it is the same number");
        IsHex(signature, body, ["old", secret], prefix).Should().BeTrue("a secret may be being replaced");
        IsHex(signature, body + " ", [secret], prefix).Should().BeFalse();
        IsHex(signature, body, [secret], prefix + "1").Should().BeFalse();
        IsHex(signature, body, [secret + "1"], prefix).Should().BeFalse();
    }

    [Fact]
    public void A_signature_in_base64_is_that_of_its_key_prefix_and_body_alone()
    {
        var key = Convert.FromBase64String(GitLabKey);

        IsBase64(GitLabSignature, GitLabBody, [key], GitLabPrefix).Should().BeTrue();
        IsBase64(GitLabSignature, GitLabBody, [[1], key], GitLabPrefix).Should().BeTrue("a secret may be being replaced");
        IsBase64(GitLabSignature, GitLabBody + " ", [key], GitLabPrefix).Should().BeFalse();
        IsBase64(GitLabSignature, GitLabBody, [key]).Should().BeFalse();
        IsBase64(GitLabSignature, GitLabBody, [Encoding.UTF8.GetBytes(GitLabKey)], GitLabPrefix)
            .Should().BeFalse("the key is what the text decodes to");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("f885d3")]
    [InlineData("sha256=" + GitHubSignature)]
    [InlineData(GitHubSignature + "00")]
    [InlineData("zz85d3167b5b7525ecd6fb82ac692edf3aa3885ab0e5032d2ad8420bd69fbf9c")]
    [InlineData("27ef5c5f2ec1ff9e0fb1cbaadc86642f0743dd8b")]
    [InlineData(OtherDigits)]
    public void What_is_no_signature_signs_nothing(string? signature)
    {
        IsHex(signature, GitHubBody, ["wh-secret"]).Should().BeFalse();
        IsBase64(signature, GitHubBody, ["wh-secret"u8.ToArray()]).Should().BeFalse();
    }

    [Fact]
    public void Where_there_is_no_key_nothing_is_authentic()
    {
        // Anybody can sign with an empty key.
        var signature = System.Security.Cryptography.HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(GitHubBody));

        IsHex(GitHubSignature, GitHubBody, []).Should().BeFalse();
        IsHex(Convert.ToHexStringLower(signature), GitHubBody, [""]).Should().BeFalse();
        IsBase64(Convert.ToBase64String(signature), GitHubBody, [[]]).Should().BeFalse();
        WebhookSignature.IsToken("", [""]).Should().BeFalse();
        WebhookSignature.IsToken(null, [""]).Should().BeFalse();
        WebhookSignature.IsToken("t", []).Should().BeFalse();
    }

    [Theory]
    [InlineData("new", true)]
    [InlineData("old", true)]
    [InlineData("ne", false)]
    [InlineData("New", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_token_is_one_of_the_secrets_or_not_authentic(string? token, bool isSecret) =>
        WebhookSignature.IsToken(token, ["new", "old"]).Should().Be(isSecret);

    [Theory]
    [InlineData("1619071700", true)]
    [InlineData("1619071400", true)]
    [InlineData("1619071399", false)]
    [InlineData("1619072000", true)]
    [InlineData("1619072001", false)]
    [InlineData("-1619071700", false)]
    [InlineData(" 1619071700", false)]
    [InlineData("9223372036854775807", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("1619071700.0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_time_is_about_now_or_too_far_away(string? time, bool isInTime) =>
        WebhookSignature.IsInTime(time, DateTimeOffset.FromUnixTimeSeconds(1619071700)).Should().Be(isInTime);

    [Fact]
    public void The_tolerance_of_a_time_may_be_another_one() =>
        WebhookSignature.IsInTime("1619071399", DateTimeOffset.FromUnixTimeSeconds(1619071700), TimeSpan.FromMinutes(6)).Should().BeTrue();

    private static bool IsHex(string? signature, string body, IEnumerable<string> secrets, string prefix = "") =>
        WebhookSignature.IsHex(signature, Encoding.UTF8.GetBytes(body), secrets.Select(Encoding.UTF8.GetBytes), prefix);

    private static bool IsBase64(string? signature, string body, IEnumerable<byte[]> keys, string prefix = "") =>
        WebhookSignature.IsBase64(signature, Encoding.UTF8.GetBytes(body), keys, prefix);
}
