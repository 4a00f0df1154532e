using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>All webhooks that GitHub is known to send, as it has sent them: the examples of <c>@octokit/webhooks-examples</c>.</summary>
[Slow]
public sealed class WebhookExampleTests
{
    private const string Secret = "wh-secret";

    [Theory]
    [InlineData("Document")]
    [InlineData("Merged")]
    public async Task Those_of_the_repository_name_their_run_and_all_others_none(string changes)
    {
        var form = Enum.Parse<ChangesForm>(changes);
        var examples = await WebhookExample.ReadAllAsync(TestContext.Current.CancellationToken);
        var repositories = examples.Where(static example => RunOf(example) is not null).Select(RepositoryOf).Distinct().ToList();
        repositories.Should().HaveCountGreaterThan(1).And.NotContainNulls();

        foreach (var repository in repositories)
        {
            await using var setup = Setup(repository!, form);
            foreach (var example in examples)
            {
                var builds = await setup.Runner.ReadWebhookAsync(Headers(example), Encoding.UTF8.GetBytes(example.Payload));

                var expected = RepositoryOf(example) == repository && RunOf(example) is var (number, commit)
                    ? new BuildId(form == ChangesForm.Merged ? $"{number}-{commit[..16]}" : $"{number}") : (BuildId?)null;
                builds.Should().Equal(expected is { } buildId ? [buildId] : [], "it is a {0} of {1}", example.Event, RepositoryOf(example));
            }
        }
    }

    [Fact]
    public async Task None_is_believed_that_another_secret_has_signed()
    {
        await using var setup = Setup("octo-org/octo-repo", ChangesForm.Document);

        foreach (var example in await WebhookExample.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            var body = Encoding.UTF8.GetBytes(example.Payload);

            (await setup.Runner.ReadWebhookAsync(Headers(example, "another"), body)).Should().BeNull();
        }
    }

    private static GitHubSetup Setup(string repository, ChangesForm form) => new(configure: options =>
    {
        (options.Owner, options.Repository) = (repository.Split('/')[0], repository.Split('/')[1]);
        options.Changes = form;
        options.WebhookSecrets = static _ => new([Secret]);
    });

    private static string? RepositoryOf(WebhookExample example) =>
        JsonNode.Parse(example.Payload)!["repository"]?["full_name"]?.GetValue<string>();

    private static (long Number, string Commit)? RunOf(WebhookExample example)
    {
        if (example.Event is not ("workflow_run" or "workflow_job"))
        {
            return null;
        }

        var about = JsonNode.Parse(example.Payload)![example.Event]!;
        return (about[example.Event == "workflow_run" ? "id" : "run_id"]!.GetValue<long>(), about["head_sha"]!.GetValue<string>());
    }

    private static Dictionary<string, string> Headers(WebhookExample example, string secret = Secret)
    {
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(example.Payload));
        return new()
        {
            ["Content-Type"] = "application/json",
            ["X-GitHub-Event"] = example.Event,
            ["X-Hub-Signature-256"] = $"sha256={Convert.ToHexStringLower(hash)}",
        };
    }
}
