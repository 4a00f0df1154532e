using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Buildkite.Tests;

/// <summary>Checks the sender of a webhook, and finds its build.</summary>
public sealed class WebhookTests
{
    private const string Secret = "bk-webhook-token";
    private const string Finished =
        """{"event":"build.finished","build":{"number":7,"state":"running"},"pipeline":{"slug":"verify"},"sender":{"name":"Keith"}}""";

    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    // The vector of this project's notes, made by another program, at its time.
    [Theory]
    [InlineData("timestamp=1619071700,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", true)]
    [InlineData("signature=7F066B919D9CF1A4C2D585AF21E29EFEE0B1738D6E454557945BDA98EAE8B3A3, timestamp=1619071700", true)]
    [InlineData("timestamp=1619071700,version=2,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", true)]
    [InlineData("timestamp=1619071701,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData("timestamp=1619071700,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a4", false)]
    [InlineData("timestamp=1619071700,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3", false)]
    [InlineData("timestamp=1619071700,signature=", false)]
    [InlineData("signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData("timestamp=1619071700", false)]
    [InlineData("1619071700,7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData("timestamp=1619071700,timestamp=0,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData("timestamp=1619071700,signature=00,signature=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData("sha256=7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3", false)]
    [InlineData(",,==,", false)]
    [InlineData("", false)]
    public async Task A_body_that_Buildkite_has_signed_is_authentic(string header, bool isAuthentic)
    {
        const string Body = """{"event":"build.finished","build":{"number":7,"state":"passed","blocked":false}}""";
        var at = DateTimeOffset.FromUnixTimeSeconds(1619071700);

        var builds = await ReadAsync([Secret], Body, at, ("X-Buildkite-Signature", header));
        var forged = await ReadAsync([Secret], Body + " ", at, ("X-Buildkite-Signature", header));

        (builds is not null).Should().Be(isAuthentic);
        (builds ?? []).Should().BeEmpty("it names no pipeline");
        forged.Should().BeNull();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public async Task What_was_signed_at_another_time_is_not_taken_again(int seconds, bool isAuthentic) =>
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Signature", Sign(Finished, Now.AddSeconds(seconds)))) is not null)
            .Should().Be(isAuthentic);

    [Fact]
    public async Task A_webhook_names_its_build_by_either_scheme_whatever_state_it_tells()
    {
        (await ReadAsync([Secret], Finished, Now, ("x-buildkite-signature", Sign(Finished, Now)))).Should().Equal(new BuildId("verify/7"));
        (await ReadAsync([Secret], Finished, Now, ("X-BUILDKITE-TOKEN", Secret))).Should().Equal(new BuildId("verify/7"));
    }

    [Fact]
    public async Task Whoever_claims_to_have_signed_is_not_let_in_by_a_token()
    {
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Signature", "x"), ("X-Buildkite-Token", Secret))).Should().BeNull();
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Signature", ""), ("X-Buildkite-Token", Secret))).Should().BeNull();
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Signature", Sign(Finished, Now)), ("X-Buildkite-Token", "x"))).Should()
            .ContainSingle();
    }

    [Theory]
    [InlineData("""{"event":"ping","service":{"id":"c9f8372d"},"organization":{"slug":"acme"}}""")]
    [InlineData("""{"event":"build.finished","build":{"number":7},"pipeline":{"slug":"deploy"}}""")]
    [InlineData("""{"event":"build.finished","build":{"number":7},"pipeline":null}""")]
    [InlineData("""{"event":"build.finished","build":{"number":0},"pipeline":{"slug":"verify"}}""")]
    [InlineData("""{"event":"build.finished","build":{"number":"7"},"pipeline":{"slug":"verify"}}""")]
    [InlineData("""{"event":"build.finished","build":null,"pipeline":{"slug":"verify"}}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("not JSON")]
    [InlineData("")]
    public async Task Another_event_is_authentic_and_of_no_build(string body)
    {
        (await ReadAsync([Secret], body, Now, ("X-Buildkite-Signature", Sign(body, Now)))).Should().NotBeNull().And.BeEmpty();
        (await ReadAsync([Secret], body, Now, ("X-Buildkite-Token", Secret))).Should().NotBeNull().And.BeEmpty();
    }

    [Fact]
    public async Task An_event_of_a_job_names_its_build()
    {
        const string Body = """{"event":"job.finished","job":{"id":"b63254c0"},"build":{"number":7},"pipeline":{"slug":"verify"}}""";

        (await ReadAsync([Secret], Body, Now, ("X-Buildkite-Token", Secret))).Should().Equal(new BuildId("verify/7"));
    }

    [Fact]
    public async Task What_no_secret_fits_is_not_authentic()
    {
        (string, string)[] signed = [("X-Buildkite-Signature", Sign(Finished, Now))];
        (string, string)[] told = [("X-Buildkite-Token", Secret)];

        foreach (var headers in new[] { signed, told })
        {
            (await ReadAsync(["another"], Finished, Now, headers)).Should().BeNull();
            (await ReadAsync([], Finished, Now, headers)).Should().BeNull();
            (await ReadAsync([""], Finished, Now, headers)).Should().BeNull();
            (await ReadAsync(null, Finished, Now, headers)).Should().BeNull();
        }

        (await ReadAsync([Secret], Finished, Now)).Should().BeNull();
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Token", ""))).Should().BeNull();
        (await ReadAsync([Secret], Finished, Now, ("X-Buildkite-Token", $"{Secret},{Secret}"))).Should().BeNull();
        (await ReadAsync([""], Finished, Now, ("X-Buildkite-Signature", Sign(Finished, Now, "")))).Should().BeNull();
        (await ReadAsync([""], Finished, Now, ("X-Buildkite-Token", ""))).Should().BeNull();
    }

    [Fact]
    public async Task Any_of_several_secrets_will_do()
    {
        (await ReadAsync(["new", Secret], Finished, Now, ("X-Buildkite-Signature", Sign(Finished, Now)))).Should().ContainSingle();
        (await ReadAsync([Secret, "new"], Finished, Now, ("X-Buildkite-Token", Secret))).Should().ContainSingle();
    }

    private static string Sign(string body, DateTimeOffset at, string secret = Secret)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}"));
        return $"timestamp={timestamp},signature={Convert.ToHexStringLower(hash)}";
    }

    private static async Task<IReadOnlyList<BuildId>?> ReadAsync(
        IReadOnlyList<string>? secrets, string body, DateTimeOffset at, params (string Name, string Value)[] headers)
    {
        await using BuildkiteSetup setup = new(options => options.WebhookSecrets = secrets is null ? null : _ => new(secrets));
        setup.Time.AdjustTime(at);

        var sent = headers.Append(("X-Buildkite-Event", "build.finished")).ToDictionary();
        var builds = await setup.Runner.ReadWebhookAsync(sent, Encoding.UTF8.GetBytes(body));
        setup.Buildkite.Requests.Should().BeEmpty();
        return builds;
    }
}
