using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>Who is admitted, and the effect of a webhook.</summary>
public sealed class AnswerTests
{
    private const string BuildkiteBody = """{"event":"build.finished","build":{"number":7,"state":"passed","blocked":false}}""";
    private const string BuildkiteHash = "7f066b919d9cf1a4c2d585af21e29efee0b1738d6e454557945bda98eae8b3a3";
    private const string BuildkiteSignature = "timestamp=1619071700,signature=" + BuildkiteHash;
    private const string GitLabKey = "Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=";
    private const string GitLabBody = """{"object_kind":"pipeline","object_attributes":{"id":61,"status":"success"}}""";
    private const string GitLabSignature = "v1,7cls/M7Em66XYS3u3lKqSBRZhoh+rSwYUwQpV+Qgu9w=";

    [Fact]
    public async Task An_authentic_webhook_is_accepted_and_its_build_signalled()
    {
        await using var app = await WebhookApp.StartAsync();

        var status = await app.SendAsync(Webhook.Vector);

        status.Should().Be(202);
        app.Signals.Should().Equal(("ci", "30433642"));
    }

    [Fact]
    public async Task A_webhook_with_the_secret_that_is_being_replaced_is_accepted()
    {
        await using var app = await WebhookApp.StartAsync(Schemes.GitHub("new", Webhook.KnownSecret));

        (await app.SendAsync(Webhook.Vector)).Should().Be(202);
    }

    public static TheoryData<string, string, string?> Forgeries => new()
    {
        { "without a signature", Webhook.Vector.Body, null },
        { "with that of another body", Webhook.Vector.Body.Replace("42,", "43,", StringComparison.Ordinal), Webhook.Vector.Signature },
        { "serialised anew", Webhook.Vector.Body.Replace(",", ", ", StringComparison.Ordinal), Webhook.Vector.Signature },
        { "with a byte order mark", '\uFEFF' + Webhook.Vector.Body, Webhook.Vector.Signature },
        { "cut short", Webhook.Vector.Body[..^1], Webhook.Vector.Signature },
        { "with another secret", Webhook.Vector.Body, new Webhook(Webhook.Vector.Body, "guess").Signature },
        { "with the weaker hash", Webhook.Vector.Body, "sha1=27ef5c5f2ec1ff9e0fb1cbaadc86642f0743dd8b" },
        { "without the name of the hash", Webhook.Vector.Body, Webhook.Vector.Signature!["sha256=".Length..] },
        { "with the signature of nothing", "", Webhook.Vector.Signature },
        { "no JSON", "{", "sha256=00" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_webhook_is_refused_and_nothing_done(string what, string body, string? signature)
    {
        await using var app = await WebhookApp.StartAsync();

        var status = await app.SendAsync(new Webhook(body) { Signature = signature });

        status.Should().Be(401, what);
        app.Signals.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_there_is_no_secret_nothing_is_authentic(bool isEmpty)
    {
        await using var app = await WebhookApp.StartAsync(Schemes.GitHub(isEmpty ? [""] : []));

        (await app.SendAsync(new Webhook(Webhook.Vector.Body, ""))).Should().Be(401);
        app.Signals.Should().BeEmpty();
    }

    [Fact]
    public async Task The_weaker_signature_is_not_looked_at()
    {
        await using var app = await WebhookApp.StartAsync();
        using var request = (Webhook.Vector with { Signature = null }).ToRequest();
        request.Headers.Add("X-Hub-Signature", "sha1=27ef5c5f2ec1ff9e0fb1cbaadc86642f0743dd8b");

        (await app.SendAsync(request)).Should().Be(401);
    }

    [Theory]
    [InlineData(1619071700, BuildkiteSignature, null, 202)]
    [InlineData(1619071700 + 300, BuildkiteSignature, null, 202)]
    [InlineData(1619071700 + 301, BuildkiteSignature, null, 401)]
    [InlineData(1619071700 - 301, BuildkiteSignature, null, 401)]
    [InlineData(1619071700 + 301, BuildkiteSignature, "bk-webhook-token", 401)]
    [InlineData(1619071700, "timestamp=1619071701,signature=" + BuildkiteHash, null, 401)]
    [InlineData(1619071700, null, "bk-webhook-token", 202)]
    [InlineData(1619071700, null, "bk-webhook-toke", 401)]
    public async Task A_signed_time_counts(long now, string? signature, string? token, int expected)
    {
        FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(now));
        await using var app = await WebhookApp.StartAsync(Schemes.Buildkite(time, "bk-webhook-token"), time: time);
        using var request = (new Webhook(BuildkiteBody) { Signature = null }).ToRequest();
        Add(request, "X-Buildkite-Signature", signature);
        Add(request, "X-Buildkite-Token", token);

        (await app.SendAsync(request)).Should().Be(expected);
    }

    [Theory]
    [InlineData(1790000000, GitLabSignature, null, 202)]
    [InlineData(1790000000, "v1,AAAA " + GitLabSignature, null, 202)]
    [InlineData(1790000000 + 301, GitLabSignature, null, 401)]
    [InlineData(1790000000 + 301, GitLabSignature, "plain", 401)]
    [InlineData(1790000000, "v1,AAAA", "plain", 401)]
    [InlineData(1790000000, null, "plain", 202)]
    [InlineData(1790000000, null, null, 401)]
    public async Task Where_a_signature_is_claimed_nothing_weaker_counts(long now, string? signature, string? token, int expected)
    {
        FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(now));
        await using var app = await WebhookApp.StartAsync(Schemes.GitLab(time, "plain", GitLabKey), time: time);
        using var request = (new Webhook(GitLabBody) { Signature = null }).ToRequest();
        Add(request, "webhook-id", "3f1c1a52-8f8c-4d55-9d0e-6f2f0a0c9b11");
        Add(request, "webhook-timestamp", "1790000000");
        Add(request, "webhook-signature", signature);
        Add(request, "X-Gitlab-Token", token);

        (await app.SendAsync(request)).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"zen":"Keep it logically awesome."}""")]
    [InlineData("payload=%7B%7D")]
    [InlineData("")]
    public async Task An_authentic_webhook_of_no_build_is_accepted(string body)
    {
        await using var app = await WebhookApp.StartAsync();

        (await app.SendAsync(new Webhook(body))).Should().Be(202);
        app.Signals.Should().BeEmpty();
    }

    [Fact]
    public async Task An_authentic_webhook_of_a_build_that_nobody_submitted_is_accepted()
    {
        await using var app = await WebhookApp.StartAsync();
        app.Orchestrator.SignalAsync("", default).ReturnsForAnyArgs(false);

        (await app.SendAsync(Webhook.Vector)).Should().Be(202, "a service gives up an address that refuses too often");
    }

    [Fact]
    public async Task Each_build_of_a_webhook_is_signalled_once()
    {
        await using var app = await WebhookApp.StartAsync();

        await app.SendAsync(new Webhook("""{"workflow_run":[{"id":1},{"id":2},{"id":1}]}"""));

        app.Signals.Should().Equal(("ci", "1"), ("ci", "2"));
    }

    [Fact]
    public async Task A_name_without_a_runner_that_reads_webhooks_is_not_found_whatever_is_sent()
    {
        var made = 0;
        await using var app = await WebhookApp.StartAsync(configure: services => services
            .AddKeyedSingleton<IBuildRunner>("deaf", new FakeBuildRunner())
            .AddKeyedSingleton<IBuildRunner>("made", new WebhookRunner(new FakeBuildRunner(), Schemes.GitHub(Webhook.KnownSecret)))
            .AddSingleton<IBuildRunner>(_ => throw new InvalidOperationException($"Made {++made}.")));

        (await app.SendAsync(Webhook.Vector, "made")).Should().Be(202);
        foreach (var name in new[] { "deaf", "other", "CI", "ci%20", "ci%2F", new string('x', 5000) })
        {
            (await app.SendAsync(Webhook.Vector, name)).Should().Be(404, name);
        }

        made.Should().Be(0);
        app.Signals.Should().Equal(("made", "30433642"));
    }

    [Fact]
    public async Task A_stranger_cannot_have_runners_made_where_any_key_has_one()
    {
        var start = () => WebhookApp.StartAsync(configure: static services => services
            .AddKeyedSingleton<IBuildRunner>(KeyedService.AnyKey, static (_, _) => new FakeBuildRunner()));

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_runner_is_found_behind_its_decorators()
    {
        await using var app = await WebhookApp.StartAsync(configure: static services => services
            .AddKeyedSingleton<IBuildRunner>(
                "outer",
                static (provider, _) => new Decorator(provider.GetRequiredKeyedService<IBuildRunner>("ci"))));

        (await app.SendAsync(Webhook.Vector, "outer")).Should().Be(202);
        app.Signals.Should().Equal(("outer", "30433642"));
    }

    [Fact]
    public async Task Nothing_but_a_post_is_answered()
    {
        await using var app = await WebhookApp.StartAsync();

        (await app.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/build-webhooks/ci"))).Should().Be(405);
        (await app.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/build-webhooks"))).Should().Be(404);
    }

    [Fact]
    public async Task The_endpoint_can_be_restricted()
    {
        await using var app = await WebhookApp.StartAsync(restrict: static endpoint => endpoint.RequireHost("hooks.example.org"));
        using var request = Webhook.Vector.ToRequest();
        request.Headers.Host = "hooks.example.org";

        (await app.SendAsync(Webhook.Vector)).Should().Be(404);
        (await app.SendAsync(request)).Should().Be(202);
    }

    [Fact]
    public async Task Without_an_orchestration_it_cannot_be_mapped()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        app.Invoking(static it => it.MapBuildWebhooks()).Should().Throw<InvalidOperationException>();
        app.Invoking(static it => ((IEndpointRouteBuilder)null!).MapBuildWebhooks()).Should().Throw<ArgumentNullException>();
        app.Invoking(static it => it.MapBuildWebhooks(null!)).Should().Throw<ArgumentNullException>();
    }

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
    }

    private sealed class Decorator(IBuildRunner inner) : DelegatingBuildRunner(inner);
}
