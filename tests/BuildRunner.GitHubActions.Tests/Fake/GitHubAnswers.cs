using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>All JSON that the fake answers, member for member as GitHub's OpenAPI asks for it.</summary>
internal static class GitHubAnswers
{
    private static readonly string[] RepositoryLinks =
    [
        "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents", "contributors",
        "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks", "issue_comment", "issue_events",
        "issues", "keys", "labels", "languages", "merges", "milestones", "notifications", "pulls", "releases", "stargazers",
        "statuses", "subscribers", "subscription", "tags", "teams", "trees",
    ];

    private static readonly string[] UserLinks =
        ["avatar", "events", "followers", "following", "gists", "organizations", "received_events", "repos", "starred", "subscriptions"];

    private static readonly string[] MayBeMissing =
        ["name", "run_attempt", "html_url", "path", "workflow_id", "head_branch", "steps", "runner_name", "actor", "node_id"];

    public static JsonObject Dispatched(FakeGitHub github, FakeRun run) => new()
    {
        ["workflow_run_id"] = run.Id,
        ["run_url"] = Api(github, $"actions/runs/{run.Id}"),
        ["html_url"] = Html(github, $"actions/runs/{run.Id}"),
    };

    public static JsonObject Error(int status, string message) => new()
    {
        ["message"] = message,
        ["documentation_url"] = "https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event",
        ["status"] = status.ToString(CultureInfo.InvariantCulture),
    };

    public static JsonObject Run(FakeGitHub github, FakeRun run, int attempt)
    {
        var (status, conclusion) = run.StateAt(github.Now, attempt);
        JsonObject answer = new()
        {
            ["id"] = run.Id,
            ["name"] = "Verify",
            ["node_id"] = run.NodeId,
            ["check_suite_id"] = run.Id + 1,
            ["check_suite_node_id"] = $"CS_kwDO{run.Id}",
            ["head_branch"] = run.Reference,
            ["head_sha"] = run.HeadSha,
            ["path"] = run.Path,
            ["display_title"] = run.Title,
            ["run_number"] = (int)(run.Id % 100_000),
            ["run_attempt"] = attempt,
            ["event"] = "workflow_dispatch",
            ["status"] = status,
            ["conclusion"] = conclusion,
            ["workflow_id"] = FakeGitHub.WorkflowId,
            ["url"] = Api(github, $"actions/runs/{run.Id}"),
            ["html_url"] = Html(github, $"actions/runs/{run.Id}"),
            ["pull_requests"] = new JsonArray(),
            ["created_at"] = Time(run.CreatedAt),
            ["updated_at"] = Time(github.Now),
            ["run_started_at"] = Time(run.CreatedAt),
            ["actor"] = User(github),
            ["triggering_actor"] = User(github),
            ["jobs_url"] = Api(github, $"actions/runs/{run.Id}/jobs"),
            ["logs_url"] = Api(github, $"actions/runs/{run.Id}/logs"),
            ["check_suite_url"] = Api(github, $"check-suites/{run.Id + 1}"),
            ["artifacts_url"] = Api(github, $"actions/runs/{run.Id}/artifacts"),
            ["cancel_url"] = Api(github, $"actions/runs/{run.Id}/cancel"),
            ["rerun_url"] = Api(github, $"actions/runs/{run.Id}/rerun"),
            ["previous_attempt_url"] = attempt > 1 ? Api(github, $"actions/runs/{run.Id}/attempts/{attempt - 1}") : null,
            ["workflow_url"] = Api(github, $"actions/workflows/{FakeGitHub.WorkflowId}"),
            ["head_commit"] = new JsonObject
            {
                ["id"] = run.HeadSha,
                ["tree_id"] = run.HeadSha,
                ["message"] = "A commit",
                ["timestamp"] = Time(run.CreatedAt),
                ["author"] = new JsonObject { ["name"] = "bot", ["email"] = "bot@example.org" },
                ["committer"] = new JsonObject { ["name"] = "bot", ["email"] = "bot@example.org" },
            },
            ["repository"] = MinimalRepository(github),
            ["head_repository"] = MinimalRepository(github),
        };
        return Varied(github, answer);
    }

    public static JsonObject Runs(FakeGitHub github, int total, IEnumerable<FakeRun> page) => new()
    {
        ["total_count"] = total,
        ["workflow_runs"] = new JsonArray([.. page.Select(run => Run(github, run, run.Attempts))]),
    };

    public static JsonObject Job(FakeGitHub github, FakeRun run, int attempt, long id, string name, string? status, string? conclusion,
        params (string Name, string Conclusion)[] steps) => Varied(github, new()
        {
            ["id"] = id,
            ["run_id"] = run.Id,
            ["workflow_name"] = "Verify",
            ["head_branch"] = run.Reference,
            ["run_url"] = Api(github, $"actions/runs/{run.Id}"),
            ["run_attempt"] = attempt,
            ["node_id"] = $"CR_kwDO{id}",
            ["head_sha"] = run.HeadSha,
            ["url"] = Api(github, $"actions/jobs/{id}"),
            ["html_url"] = Html(github, $"actions/runs/{run.Id}/job/{id}"),
            ["status"] = status,
            ["conclusion"] = conclusion,
            ["created_at"] = Time(run.CreatedAt),
            ["started_at"] = Time(run.CreatedAt),
            ["completed_at"] = status == "completed" ? Time(github.Now) : null,
            ["name"] = name,
            ["steps"] = new JsonArray([.. steps.Select(static (step, index) => new JsonObject
        {
            ["name"] = step.Name,
            ["status"] = "completed",
            ["conclusion"] = step.Conclusion,
            ["number"] = index + 1,
        })]),
            ["check_run_url"] = Api(github, $"check-runs/{id}"),
            ["labels"] = new JsonArray("ubuntu-latest"),
            ["runner_id"] = 1,
            ["runner_name"] = "runner-1",
            ["runner_group_id"] = 1,
            ["runner_group_name"] = "Default",
        });

    public static JsonObject Jobs(IReadOnlyList<JsonObject> all, IEnumerable<JsonObject> page) => new()
    {
        ["total_count"] = all.Count,
        ["jobs"] = new JsonArray([.. page]),
    };

    public static JsonObject Nodes(FakeGitHub github, IReadOnlyList<(string Id, FakeRun? Run)> nodes)
    {
        JsonObject answer = new()
        {
            ["data"] = new JsonObject
            {
                ["nodes"] = new JsonArray([.. nodes.Select(node => node.Run is null ? null : new JsonObject
                {
                    ["checkSuite"] = Suite(node.Run.StateAt(github.Now - github.GraphLag)),
                })]),
            },
        };
        if (nodes.Any(static node => node.Run is null))
        {
            answer["errors"] = new JsonArray([.. nodes.Where(static node => node.Run is null).Select(static node => new JsonObject
            {
                ["type"] = "NOT_FOUND",
                ["path"] = new JsonArray("nodes"),
                ["message"] = $"Could not resolve to a node with the global id of '{node.Id}'",
            })]);
        }

        return answer;
    }

    public static JsonObject GraphError(string type, string message) => new()
    {
        ["errors"] = new JsonArray(new JsonObject { ["type"] = type, ["message"] = message }),
    };

    public static JsonObject AccessToken(string token, DateTimeOffset expiresAt) => new()
    {
        ["token"] = token,
        ["expires_at"] = Time(expiresAt),
        ["permissions"] = new JsonObject { ["actions"] = "write", ["metadata"] = "read" },
        ["repository_selection"] = "selected",
    };

    public static JsonObject Repository(FakeGitHub github)
    {
        var answer = MinimalRepository(github);
        foreach (var (name, value) in new JsonObject
        {
            ["clone_url"] = $"https://github.test/{github.FullName}.git",
            ["git_url"] = $"git://github.test/{github.FullName}.git",
            ["ssh_url"] = $"git@github.test:{github.FullName}.git",
            ["svn_url"] = $"https://github.test/{github.FullName}",
            ["created_at"] = Time(github.Now),
            ["updated_at"] = Time(github.Now),
            ["pushed_at"] = Time(github.Now),
            ["default_branch"] = "main",
            ["disabled"] = false,
            ["archived"] = false,
            ["forks"] = 0,
            ["forks_count"] = 0,
            ["has_downloads"] = true,
            ["has_issues"] = true,
            ["has_pages"] = false,
            ["has_projects"] = true,
            ["has_wiki"] = true,
            ["has_discussions"] = false,
            ["homepage"] = null,
            ["language"] = null,
            ["license"] = null,
            ["mirror_url"] = null,
            ["open_issues"] = 0,
            ["open_issues_count"] = 0,
            ["size"] = 1,
            ["stargazers_count"] = 0,
            ["watchers"] = 0,
            ["watchers_count"] = 0,
            ["network_count"] = 0,
            ["subscribers_count"] = 0,
        }.ToList())
        {
            answer[name] = value?.DeepClone();
        }

        if (github.Mode == FakeMode.V2026)
        {
            answer.Remove("has_downloads");
        }

        return Varied(github, answer);
    }

    private static JsonObject? Suite((string? Status, string? Conclusion) state) => new()
    {
        ["status"] = state.Status?.ToUpperInvariant(),
        ["conclusion"] = state.Conclusion?.ToUpperInvariant(),
    };

    private static JsonObject MinimalRepository(FakeGitHub github)
    {
        JsonObject answer = new()
        {
            ["id"] = 1296269,
            ["node_id"] = "R_kgDOABPHjQ",
            ["name"] = github.Repository,
            ["full_name"] = github.FullName,
            ["owner"] = User(github),
            ["private"] = true,
            ["html_url"] = $"https://github.test/{github.FullName}",
            ["description"] = null,
            ["fork"] = false,
            ["url"] = Api(github, ""),
        };
        foreach (var link in RepositoryLinks)
        {
            answer[$"{link}_url"] = Api(github, link);
        }

        return answer;
    }

    private static JsonObject User(FakeGitHub github)
    {
        JsonObject answer = new()
        {
            ["login"] = github.Owner,
            ["id"] = 1,
            ["node_id"] = "MDQ6VXNlcjE=",
            ["gravatar_id"] = "",
            ["url"] = $"https://api.github.test/users/{github.Owner}",
            ["html_url"] = $"https://github.test/{github.Owner}",
            ["type"] = "Organization",
            ["site_admin"] = false,
        };
        foreach (var link in UserLinks)
        {
            answer[$"{link}_url"] = $"https://api.github.test/users/{github.Owner}/{link}";
        }

        return answer;
    }

    // Members that nobody knows, and without some that a reader might count on.
    private static JsonObject Varied(FakeGitHub github, JsonObject answer)
    {
        if (github.VariesMembers)
        {
            answer["added_in_2031"] = new JsonObject { ["status"] = new JsonArray(1, "two") };
            foreach (var name in MayBeMissing)
            {
                answer.Remove(name);
            }
        }

        return answer;
    }

    private static string Api(FakeGitHub github, string path) => $"https://api.github.test/repos/{github.FullName}/{path}".TrimEnd('/');

    private static string Html(FakeGitHub github, string path) => $"https://github.test/{github.FullName}/{path}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
