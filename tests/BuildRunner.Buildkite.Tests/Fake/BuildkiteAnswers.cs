using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests.Fake;

/// <summary>All JSON that the fake answers, member for member as Buildkite's documentation shows it.</summary>
internal static class BuildkiteAnswers
{
    private static readonly string[] MayBeMissing =
        ["id", "blocked", "web_url", "cancel_reason", "rebuilt_from", "commit", "agent", "signal_reason", "soft_failed", "name"];

    public static JsonObject Error(string message) => new() { ["message"] = message };

    public static JsonObject Invalid(string field, string code) => new()
    {
        ["message"] = "Validation Failed",
        ["errors"] = new JsonArray(new JsonObject { ["field"] = field, ["code"] = code }),
    };

    public static JsonObject Limited(string scope, int limit, int current, int reset) => new()
    {
        ["message"] = $"You have exceeded your API rate limit. Please wait {reset} seconds before making more requests.",
        ["scope"] = scope,
        ["limit"] = limit,
        ["current"] = current,
        ["reset"] = reset,
    };

    public static JsonObject Build(FakeBuildkite buildkite, FakeBuild build, bool isListed)
    {
        var (state, blocked) = build.StateAt(buildkite.Now);
        JsonObject answer = new()
        {
            ["id"] = build.Id.ToString(),
            ["graphql_id"] = $"QnVpbGQtLS0{build.Number}",
            ["url"] = Api(buildkite, $"builds/{build.Number}"),
            ["web_url"] = Web(buildkite, build),
            ["number"] = build.Number,
            ["state"] = isListed && blocked && buildkite.ListsBlockedAsState ? "blocked" : state,
            ["cancel_reason"] = build.CancelReason,
            ["blocked"] = blocked,
            ["message"] = build.Message,
            ["commit"] = build.Commit,
            ["branch"] = build.Branch,
            ["env"] = build.Env.DeepClone(),
            ["source"] = "api",
            ["creator"] = new JsonObject { ["id"] = "3d3c3bf0-7d58-4afe-8fe7-b3017d5504de", ["name"] = "Keith Pitt" },
            ["created_at"] = Time(build.CreatedAt),
            ["scheduled_at"] = Time(build.CreatedAt),
            ["started_at"] = state is "creating" or "scheduled" ? null : Time(build.CreatedAt),
            ["failing_at"] = null,
            ["finished_at"] = build.FinishedAt(buildkite.Now) is { } finishedAt ? Time(finishedAt) : null,
            ["meta_data"] = build.MetaData.DeepClone(),
            ["pull_request"] = null,
            ["merge_queue"] = null,
            ["rebuilt_from"] = build.RebuiltFrom is { } original
                ? new JsonObject { ["id"] = original.Id.ToString(), ["number"] = original.Number }
                : null,
        };
        return Varied(buildkite, answer);
    }

    public static JsonObject Pipeline(FakeBuildkite buildkite) => new()
    {
        ["id"] = "849411f9-9e6d-4739-a0d8-e247088e9b52",
        ["url"] = Api(buildkite, "").TrimEnd('/'),
        ["name"] = "Verify",
        ["slug"] = buildkite.Pipeline,
        ["repository"] = "git@github.com:acme/shop",
        ["provider"] = new JsonObject { ["id"] = "github", ["webhook_url"] = "", ["settings"] = new JsonObject() },
        ["skip_queued_branch_builds"] = buildkite.SkipsQueued,
        ["skip_queued_branch_builds_filter"] = buildkite.SkipsQueuedOf,
        ["cancel_running_branch_builds"] = buildkite.CancelsRunning,
        ["cancel_running_branch_builds_filter"] = buildkite.CancelsRunningOf,
        ["builds_url"] = Api(buildkite, "builds"),
    };

    public static JsonObject Job(
        FakeBuildkite buildkite, FakeBuild build, int index, string name, string? state, int? exitStatus = 0, string type = "script")
    {
        var id = JobId(build, index);
        return Varied(buildkite, new()
        {
            ["id"] = id,
            ["graphql_id"] = $"Sm9iLS0t{index}",
            ["type"] = type,
            ["name"] = name,
            ["step_key"] = name,
            ["agent_query_rules"] = new JsonArray("*"),
            ["state"] = state,
            ["build_url"] = Api(buildkite, $"builds/{build.Number}"),
            ["web_url"] = $"{Web(buildkite, build)}#{id}",
            ["log_url"] = Api(buildkite, $"builds/{build.Number}/jobs/{id}/log"),
            ["raw_log_url"] = Api(buildkite, $"builds/{build.Number}/jobs/{id}/log.txt"),
            ["command"] = "make test",
            ["soft_failed"] = false,
            ["exit_status"] = exitStatus,
            ["signal"] = null,
            ["signal_reason"] = null,
            ["broken_reason"] = null,
            ["artifact_paths"] = "",
            ["agent"] = new JsonObject
            {
                ["id"] = "0b461f65-e7be-4c80-888a-ef11d81fd971",
                ["name"] = "my-agent",
                ["connection_state"] = "connected",
                ["hostname"] = "localhost",
            },
            ["created_at"] = Time(build.CreatedAt),
            ["scheduled_at"] = Time(build.CreatedAt),
            ["started_at"] = state is "scheduled" or "waiting" or "assigned" or "expired" ? null : Time(build.CreatedAt),
            ["finished_at"] = state is "passed" or "failed" or "canceled" or "timed_out" ? Time(buildkite.Now) : null,
            ["retried"] = false,
            ["retried_in_job_id"] = null,
            ["retries_count"] = null,
        });
    }

    public static string JobId(FakeBuild build, int index) => $"b63254c0-3271-4a98-8270-{(build.Number * 10_000) + index:x12}";

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    // Members that nobody knows, and without some that a reader might count on.
    private static JsonObject Varied(FakeBuildkite buildkite, JsonObject answer)
    {
        if (buildkite.VariesMembers)
        {
            answer["added_in_2031"] = new JsonObject { ["state"] = new JsonArray(1, "two") };
            foreach (var name in MayBeMissing)
            {
                // A job is opened by its id.
                if (name != "id" || answer.ContainsKey("number"))
                {
                    answer.Remove(name);
                }
            }
        }

        return answer;
    }

    private static string Api(FakeBuildkite buildkite, string path) =>
        $"https://api.buildkite.test/v2/organizations/{buildkite.Organization}/pipelines/{buildkite.Pipeline}/{path}";

    private static string Web(FakeBuildkite buildkite, FakeBuild build) =>
        $"https://buildkite.test/{buildkite.Organization}/{buildkite.Pipeline}/builds/{build.Number}";
}
