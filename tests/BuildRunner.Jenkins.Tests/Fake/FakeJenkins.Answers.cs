using System.Text.Json.Nodes;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>All JSON that the fake answers, before a tree cuts it.</summary>
internal sealed partial class FakeJenkins
{
    private JsonObject JobOf(string? tree)
    {
        // A list may be long, so that what nobody has asked for is left out.
        bool IsAskedFor(string name) => tree?.Contains(name, StringComparison.Ordinal) != false;
        JsonArray List(string name, IEnumerable<FakeBuild> builds) =>
            new([.. builds.Where(_ => IsAskedFor(name)).Select(build => BuildOf(build, IsAskedFor("parameters")))]);
        var newestFirst = Readable.OrderByDescending(static build => build.Number).ToList();
        return new()
        {
            ["_class"] = IsPipeline ? "org.jenkinsci.plugins.workflow.job.WorkflowJob" : "hudson.model.FreeStyleProject",
            ["name"] = Job.Split('/')[^1],
            ["fullName"] = Job,
            ["url"] = $"{Root}{Path}/",
            ["buildable"] = IsBuildable,
            ["inQueue"] = Queue.Any(),
            ["property"] = new JsonArray(new JsonObject(), new JsonObject
            {
                ["_class"] = "hudson.model.ParametersDefinitionProperty",
                ["parameterDefinitions"] = new JsonArray([.. Declared.Select(static one => new JsonObject
                {
                    ["_class"] = $"hudson.model.{one.Value}",
                    ["name"] = one.Key,
                    ["type"] = one.Value,
                })]),
            }),
            ["builds"] = List("builds", newestFirst.Take(Few)),
            ["allBuilds"] = List("allBuilds", newestFirst),
        };
    }

    private JsonObject ItemOf(FakeBuild build)
    {
        JsonObject item = new()
        {
            ["_class"] = $"hudson.model.Queue${(build.LeftAt is not null ? "LeftItem" : build.Stage switch
            {
                "blocked" => "BlockedItem",
                "buildable" => "BuildableItem",
                _ => "WaitingItem",
            })}",
            ["actions"] = ActionsOf(build),
            ["blocked"] = build.Stage == "blocked",
            ["buildable"] = build.Stage == "buildable",
            ["id"] = build.QueueId,
            ["inQueueSince"] = build.QueuedAt.ToUnixTimeMilliseconds(),
            ["stuck"] = false,
            ["task"] = new JsonObject { ["name"] = Job.Split('/')[^1], ["url"] = $"{Root}{Path}/" },
            ["url"] = $"queue/item/{build.QueueId}/",
            ["why"] = build.LeftAt is null ? "Waiting for next available executor" : null,
        };
        if (build.LeftAt is { } left)
        {
            item["cancelled"] = build.IsCancelled;
            item["executable"] = build.Number is null || Now < left + ExecutableLag ? null
                : new JsonObject { ["number"] = build.Number, ["url"] = $"{Root}{Path}/{build.Number}/" };
        }

        return item;
    }

    private JsonObject BuildOf(FakeBuild build, bool hasActions = true)
    {
        var (building, inProgress, result) = build.StateAt(Now);
        JsonObject answer = new()
        {
            ["_class"] = IsPipeline ? "org.jenkinsci.plugins.workflow.job.WorkflowRun" : "hudson.model.FreeStyleBuild",
            ["actions"] = hasActions ? ActionsOf(build) : null,
            ["duration"] = 0,
            ["number"] = build.Number,
            ["queueId"] = build.QueueId,
            ["result"] = result,
            ["timestamp"] = build.LeftAt!.Value.ToUnixTimeMilliseconds(),
            ["url"] = $"{Root}{Path}/{build.Number}/",
        };
        if (building is { } isBuilding)
        {
            answer["building"] = isBuilding;
        }

        if (ShowsInProgress && inProgress is { } isInProgress)
        {
            answer["inProgress"] = isInProgress;
        }

        return answer;
    }

    private static JsonArray ActionsOf(FakeBuild build) => new(new JsonObject
    {
        ["_class"] = "hudson.model.CauseAction",
        ["causes"] = new JsonArray(new JsonObject { ["userId"] = UserName }),
    }, new JsonObject
    {
        ["_class"] = "hudson.model.ParametersAction",
        ["parameters"] = new JsonArray([.. build.Parameters.Select(static one => new JsonObject
        {
            ["_class"] = "hudson.model.StringParameterValue",
            ["name"] = one.Key,
            ["value"] = one.Value,
        })]),
    }, new JsonObject());

    // Members that nobody knows, in every object, and without some that a reader might count on.
    private JsonNode Varied(JsonNode value)
    {
        if (VariesMembers && value is JsonObject all)
        {
            all.ToList().ForEach(member => _ = member.Value is null ? null : Varied(member.Value));
            all["building2031"] = new JsonArray(1, "two");
            _ = all.Remove("_class") | all.Remove("why") | all.Remove("url") | all.Remove("blocked") | all.Remove("buildable");
        }
        else if (VariesMembers && value is JsonArray array)
        {
            array.ToList().ForEach(item => _ = item is null ? null : Varied(item));
        }

        return value;
    }
}
