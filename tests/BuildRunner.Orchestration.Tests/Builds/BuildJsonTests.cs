using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration.Tests.Builds;

/// <summary>The JSON that a program may send to its users. It is the same by reflection and by source generation, with any converters of the host.</summary>
public sealed class BuildJsonTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TheoryData<bool, bool, bool> Ways => new MatrixTheoryData<bool, bool, bool>([true, false], [true, false], [true, false]);

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_build_is_read_as_it_was_written(bool isGenerated, bool isWeb, bool hasEnumConverter)
    {
        var options = OptionsOf(isGenerated, isWeb, hasEnumConverter);
        foreach (var status in Enum.GetValues<BuildStatus>())
        {
            foreach (var cause in Enum.GetValues<BuildCancelCause>())
            {
                var build = BuildOf(status, cause);

                JsonSerializer.Deserialize<Build>(JsonSerializer.Serialize(build, options), options).Should().Be(build);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_submission_is_read_as_it_was_written(bool isGenerated, bool isWeb, bool hasEnumConverter)
    {
        var options = OptionsOf(isGenerated, isWeb, hasEnumConverter);
        BuildSubmission submission = new() { Key = "build-1", OwnerId = "queue-1", Runner = "ci", Request = new BuildRequest { Head = [Submissions.Change] }, Timeout = TimeSpan.FromHours(2) };

        JsonSerializer.Deserialize<BuildSubmission>(JsonSerializer.Serialize(submission, options), options).Should().Be(submission);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Status_and_cause_have_their_wire_names(bool isGenerated, bool isWeb, bool hasEnumConverter)
    {
        var options = OptionsOf(isGenerated, isWeb, hasEnumConverter);
        string[] names = ["none", "caller", "deadline", "dead_letter", "superseded", "group"];

        foreach (var cause in Enum.GetValues<BuildCancelCause>())
        {
            using var json = JsonSerializer.SerializeToDocument(BuildOf(BuildStatus.Running, cause), options);

            json.RootElement.GetProperty(isWeb ? "status" : "Status").GetString().Should().Be("running");
            json.RootElement.GetProperty(isWeb ? "cancelCause" : "CancelCause").GetString().Should().Be(names[(int)cause]);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_query_and_a_page_are_read_as_they_were_written(bool isGenerated, bool isWeb, bool hasEnumConverter)
    {
        var options = OptionsOf(isGenerated, isWeb, hasEnumConverter);
        BuildQuery query = new() { OwnerId = "queue-1", Status = BuildStatus.Running, Limit = 7 };
        BuildPage page = new() { Builds = [BuildOf(BuildStatus.Failed, BuildCancelCause.DeadLetter)], Next = Guid.CreateVersion7() };

        var text = JsonSerializer.Serialize(query, options);

        text.Should().Contain("\"running\"");
        JsonSerializer.Deserialize<BuildQuery>(text, options).Should().Be(query);
        JsonSerializer.Deserialize<BuildPage>(JsonSerializer.Serialize(page, options), options).Should().BeEquivalentTo(page);
    }

    private static Build BuildOf(BuildStatus status, BuildCancelCause cause) => new()
    {
        Id = Guid.CreateVersion7(Now),
        Key = "build-1",
        OwnerId = "queue-1",
        Runner = "ci",
        Request = new BuildRequest { Head = [Submissions.Change], TriggerKey = "key" },
        Status = status,
        RemoteId = new BuildId("remote-1"),
        Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code)],
        Note = "A note.",
        CancelCause = cause,
        CreatedAt = Now,
        UpdatedAt = Now,
        StartedAt = Now,
        EndedAt = Now,
        Deadline = Now.AddHours(6),
        Version = 3,
    };

    private static JsonSerializerOptions OptionsOf(bool isGenerated, bool isWeb, bool hasEnumConverter)
    {
        JsonSerializerOptions options = new(isWeb ? JsonSerializerDefaults.Web : JsonSerializerDefaults.General);
        if (isGenerated)
        {
            options.TypeInfoResolver = BuildJsonTestContext.Default;
        }

        if (hasEnumConverter)
        {
            options.Converters.Add(new JsonStringEnumConverter());
        }

        return options;
    }
}

[JsonSerializable(typeof(Build))]
[JsonSerializable(typeof(BuildSubmission))]
[JsonSerializable(typeof(BuildQuery))]
[JsonSerializable(typeof(BuildPage))]
internal sealed partial class BuildJsonTestContext : JsonSerializerContext;
