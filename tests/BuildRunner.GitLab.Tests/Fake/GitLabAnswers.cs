using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>All JSON that the fake answers, as GitLab's documentation shows it.</summary>
internal static class GitLabAnswers
{
    private static readonly string[] MayBeMissing = ["name", "web_url", "updated_at", "iid", "source", "failure_reason", "allow_failure"];

    public static JsonObject Message(string message) => new() { ["message"] = message };

    public static JsonObject Refusal(string message) => new() { ["message"] = new JsonObject { ["base"] = new JsonArray(message) } };

    /// <summary>The limit of the application, which has no headers.</summary>
    public static JsonObject TooMany() => new()
    {
        ["message"] = new JsonObject { ["error"] = "This endpoint has been requested too many times. Try again later." },
    };

    /// <summary>A pipeline as a list shows it.</summary>
    public static JsonObject Short(FakeGitLab gitlab, FakePipeline pipeline) => Varied(gitlab, new()
    {
        ["id"] = pipeline.Id,
        ["iid"] = pipeline.Id % 100_000,
        ["project_id"] = FakeGitLab.ProjectId,
        ["sha"] = pipeline.Sha,
        ["ref"] = pipeline.Reference,
        ["status"] = pipeline.StatusAt(gitlab.Now),
        ["source"] = pipeline.Source,
        ["created_at"] = Time(pipeline.CreatedAt),
        ["updated_at"] = Time(pipeline.UpdatedAt(gitlab.Now)),
        ["web_url"] = $"https://gitlab.test/{gitlab.Project}/-/pipelines/{pipeline.Id}",
        ["name"] = pipeline.Name,
    });

    public static JsonObject Whole(FakeGitLab gitlab, FakePipeline pipeline)
    {
        var answer = Short(gitlab, pipeline);
        foreach (var (name, value) in new JsonObject
        {
            ["before_sha"] = "0000000000000000000000000000000000000000",
            ["tag"] = false,
            ["yaml_errors"] = null,
            ["user"] = new JsonObject { ["id"] = 1, ["username"] = "bot" },
            ["started_at"] = null,
            ["finished_at"] = null,
            ["duration"] = null,
            ["queued_duration"] = null,
            ["coverage"] = null,
            ["detailed_status"] = new JsonObject { ["icon"] = "status_created", ["text"] = "Created", ["group"] = "created" },
        }.ToList())
        {
            answer[name] = value?.DeepClone();
        }

        return answer;
    }

    public static JsonObject Job(long id, string name, string status, string? reason = null, bool allowFailure = false) => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["stage"] = "test",
        ["status"] = status,
        ["failure_reason"] = reason,
        ["allow_failure"] = allowFailure,
        ["started_at"] = status is "created" or "pending" or "manual" or "skipped" ? null : "2026-11-29T12:00:01.000Z",
    };

    public static JsonArray Variables(FakePipeline pipeline) => new([.. pipeline.Variables.Select(static one => new JsonObject
    {
        ["key"] = one.Key,
        ["variable_type"] = "env_var",
        ["value"] = one.Value,
        ["raw"] = false,
    })]);

    // Members that nobody knows, and without some that a reader might count on.
    private static JsonObject Varied(FakeGitLab gitlab, JsonObject answer)
    {
        if (gitlab.VariesMembers)
        {
            answer["added_in_2031"] = new JsonObject { ["status"] = new JsonArray(1, "two") };
            foreach (var name in MayBeMissing)
            {
                answer.Remove(name);
            }
        }

        return answer;
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
