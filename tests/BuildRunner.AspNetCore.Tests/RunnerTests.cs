using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.AspNetCore.Tests;

/// <summary>The runners that read webhooks, behind the endpoint.</summary>
public sealed class RunnerTests
{
    private const string Secret = "wh-secret";
    private const string PipelineBody =
        """{"object_kind":"pipeline","object_attributes":{"id":61},"project":{"id":1,"path_with_namespace":"acme/shop"}}""";

    private const string GitLabKey = "whsec_Z2l0bGFiLXNpZ25pbmcta2V5LTAxMjM0NTY3ODlhYmM=";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("build.running", "verify/7")]
    [InlineData("build.failing", "verify/7")]
    [InlineData("build.finished", "verify/7")]
    [InlineData("build.skipped", "verify/7")]
    [InlineData("job.finished", "verify/7")]
    [InlineData("ping", null)]
    public async Task Each_event_of_Buildkite_hastens_its_build_by_either_scheme(string name, string? build)
    {
        var body = build is null ? """{"event":"ping","organization":{"slug":"acme"}}"""
            : $$$"""{"event":"{{{name}}}","build":{"number":7,"state":"running"},"pipeline":{"slug":"verify"},"sender":{"name":"Keith"}}""";
        await using var app = await StartAsync();

        (await SendAsync(app, "buildkite", body, ("X-Buildkite-Event", name), ("X-Buildkite-Signature", SignForBuildkite(body))))
            .Should().Be(202);
        (await SendAsync(app, "buildkite", body, ("X-Buildkite-Event", name), ("X-Buildkite-Token", Secret))).Should().Be(202);

        app.Signals.Should().Equal(build is null ? [] : [("buildkite", build), ("buildkite", build)]);
    }

    [Theory]
    [InlineData(-301, null)]
    [InlineData(301, null)]
    [InlineData(301, Secret)]
    [InlineData(null, "guess")]
    [InlineData(null, null)]
    public async Task A_webhook_of_Buildkite_that_is_late_forged_or_without_a_scheme_is_refused(int? age, string? token)
    {
        const string Body = """{"event":"build.finished","build":{"number":7},"pipeline":{"slug":"verify"}}""";
        await using var app = await StartAsync();
        var signature = age is null ? null : SignForBuildkite(Body, age.Value);

        (await SendAsync(app, "buildkite", Body, ("X-Buildkite-Signature", signature), ("X-Buildkite-Token", token))).Should().Be(401);

        app.Signals.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Pipeline Hook", "pipeline", "acme/shop", "61")]
    [InlineData("Pipeline Hook", "pipeline", "acme/other", null)]
    [InlineData("Job Hook", "build", "acme/shop", null)]
    [InlineData("Push Hook", "push", "acme/shop", null)]
    public async Task An_event_of_GitLab_hastens_the_pipeline_of_its_project_by_either_scheme(
        string name, string kind, string project, string? build)
    {
        var body = PipelineBody.Replace("pipeline", kind, StringComparison.Ordinal).Replace("acme/shop", project, StringComparison.Ordinal);
        await using var app = await StartAsync();

        (await SendAsync(app, "gitlab", body, [("X-Gitlab-Event", name), .. SignForGitLab(body)])).Should().Be(202);
        (await SendAsync(app, "gitlab", body, ("X-Gitlab-Event", name), ("X-Gitlab-Token", Secret))).Should()
            .Be(202, "GitLab disables an address that refuses");

        app.Signals.Should().Equal(build is null ? [] : [("gitlab", build), ("gitlab", build)]);
    }

    [Theory]
    [InlineData(true, 301, null)]
    [InlineData(true, 301, Secret)]
    [InlineData(false, 0, "guess")]
    [InlineData(false, 0, GitLabKey)]
    [InlineData(false, 0, null)]
    public async Task A_webhook_of_GitLab_that_is_late_forged_or_without_a_scheme_is_refused(bool isSigned, int age, string? token)
    {
        await using var app = await StartAsync();

        (await SendAsync(app, "gitlab", PipelineBody, [("X-Gitlab-Token", token), .. isSigned ? SignForGitLab(PipelineBody, age) : []])).Should().Be(401);

        app.Signals.Should().BeEmpty();
    }

    [Theory]
    [InlineData("workflow_run", """{"workflow_run":{"id":31000000001},"repository":{"full_name":"acme/shop"}}""", "31000000001")]
    [InlineData("workflow_job", """{"workflow_job":{"run_id":31000000001},"repository":{"full_name":"acme/shop"}}""", "31000000001")]
    [InlineData("ping", """{"zen":"Design for failure.","repository":{"full_name":"acme/shop"}}""", null)]
    public async Task An_event_of_GitHub_hastens_its_run(string name, string body, string? build)
    {
        await using var app = await StartAsync();

        (await SendAsync(app, "github", body, ("X-GitHub-Event", name), ("X-Hub-Signature-256", $"sha256={Hash(body)}")))
            .Should().Be(202);
        (await SendAsync(app, "github", body, ("X-GitHub-Event", name), ("X-Hub-Signature-256", $"sha256={Hash(body + " ")}")))
            .Should().Be(401);

        app.Signals.Should().Equal(build is null ? [] : [("github", build)]);
    }

    [Theory]
    [InlineData("github", "X-Buildkite-Token")]
    [InlineData("buildkite", "X-Gitlab-Token")]
    [InlineData("gitlab", "X-Buildkite-Token")]
    public async Task The_scheme_of_another_service_lets_nobody_in(string runner, string header)
    {
        await using var app = await StartAsync();

        (await SendAsync(app, runner, "{}", (header, Secret))).Should().Be(401);
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text)));

    private static Task<int> SendAsync(WebhookApp app, string runner, string body, params (string Name, string? Value)[] headers)
    {
        var request = (new Webhook(body) { Signature = null }).ToRequest(runner);
        foreach (var (name, value) in headers.Where(static header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return app.SendAsync(request);
    }

    private string SignForBuildkite(string body, int age = 0)
    {
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds() - age;
        return $"timestamp={timestamp},signature={Hash($"{timestamp}.{body}")}";
    }

    private (string Name, string? Value)[] SignForGitLab(string body, int age = 0)
    {
        const string Id = "3f1c1a52-8f8c-4d55-9d0e-6f2f0a0c9b11";
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds() - age;
        var key = Convert.FromBase64String(GitLabKey["whsec_".Length..]);
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Id}.{timestamp}.{body}"));
        return [("webhook-id", Id), ("webhook-timestamp", $"{timestamp}"), ("webhook-signature", $"v1,{Convert.ToBase64String(hash)}")];
    }

    private Task<WebhookApp> StartAsync() => WebhookApp.StartAsync(time: _time, configure: static services => services
        .AddKeyedBuildkiteBuildRunner("buildkite", static options =>
        {
            (options.Organization, options.Pipeline) = ("acme", "verify");
            options.Token = static _ => new("token");
            options.WebhookSecrets = static _ => new([Secret]);
        })
        .AddKeyedGitLabBuildRunner("gitlab", static options =>
        {
            options.Project = "acme/shop";
            options.Token = static _ => new("token");
            options.WebhookSecrets = static _ => new([Secret, GitLabKey]);
        })
        .AddKeyedGitHubActionsBuildRunner("github", static options =>
        {
            (options.Owner, options.Repository, options.Workflow) = ("acme", "shop", "build.yml");
            options.Token = static _ => new("token");
            options.WebhookSecrets = static _ => new([Secret]);
        }));
}
