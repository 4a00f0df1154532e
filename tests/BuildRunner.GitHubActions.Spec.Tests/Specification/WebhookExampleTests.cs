using System.Text.Json;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

[Slow]
public sealed class WebhookExampleTests
{
    [Fact]
    public async Task There_are_payloads_of_runs_of_jobs_and_of_other_events()
    {
        var examples = await WebhookExample.ReadAllAsync(TestContext.Current.CancellationToken);

        examples.Count(static example => example.Event == "workflow_run").Should().Be(5);
        examples.Count(static example => example.Event == "workflow_job").Should().Be(8);
        examples.Select(static example => example.Event).Distinct().Should().HaveCountGreaterThan(40);
        foreach (var example in examples.Where(static example => example.Event == "workflow_run"))
        {
            using var payload = JsonDocument.Parse(example.Payload);
            payload.RootElement.GetProperty("workflow_run").GetProperty("id").GetInt64().Should().BePositive();
        }
    }
}
