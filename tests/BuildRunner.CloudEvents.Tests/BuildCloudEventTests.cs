using System.Text.Json;
using BuildRunner.Orchestration;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace BuildRunner.CloudEvents.Tests;

public sealed class BuildCloudEventTests
{
    private static readonly Uri Source = new("/queue/shop", UriKind.Relative);
    private static readonly DateTimeOffset Submitted = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Taken = Submitted.AddSeconds(2);
    private static readonly DateTimeOffset Started = Submitted.AddMinutes(1);
    private static readonly DateTimeOffset Ended = Submitted.AddMinutes(9);

    private static readonly Build Accepted = new()
    {
        Id = Guid.Parse("01957a00-0000-7000-8000-000000000001"),
        Key = "shop/pull/12",
        OwnerId = "shop",
        Runner = "ci",
        Request = new BuildRequest { Head = [new Change("github://github.com/acme/shop/pull/12/0b5e2a9c")] },
        CreatedAt = Submitted,
        UpdatedAt = Submitted,
        Deadline = Submitted.AddHours(1),
        RemoteId = new BuildId("run-7"),
        AcceptedAt = Taken,
    };

    private static readonly Build Running = Accepted with { Status = BuildStatus.Running, StartedAt = Started, Version = 4 };

    private static readonly Build Failed = Running with
    {
        Status = BuildStatus.Failed,
        EndedAt = Ended,
        Version = 5,
        Note = "Two tests failed.",
        Metadata =
        [
            new(BuildMetadataKeys.Url, "https://ci.example.com/runs/7"), new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code),
        ],
    };

    public static TheoryData<BuildStatus, string?, string, string?> Statuses => new()
    {
        { BuildStatus.Accepted, null, "queued", null },
        { BuildStatus.Running, null, "started", null },
        { BuildStatus.Succeeded, null, "finished", "success" },
        { BuildStatus.Cancelled, null, "finished", "cancel" },
        { BuildStatus.Failed, null, "finished", "failure" },
        { BuildStatus.Failed, BuildFailureKinds.Code, "finished", "failure" },
        { BuildStatus.Failed, BuildFailureKinds.Conflict, "finished", "failure" },
        { BuildStatus.Failed, BuildFailureKinds.Infra, "finished", "error" },
        { BuildStatus.Failed, BuildFailureKinds.Timeout, "finished", "error" },
        { BuildStatus.Failed, BuildFailureKinds.Rejected, "finished", "error" },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Each_status_has_its_event(BuildStatus status, string? kind, string predicate, string? outcome)
    {
        var build = Failed with
        {
            Status = status,
            Metadata = kind is null ? BuildMetadata.Empty : [new(BuildMetadataKeys.FailureKind, kind)],
        };

        var cloudEvent = BuildCloudEvent.Of(build, Source)!;

        cloudEvent.IsValid.Should().BeTrue();
        cloudEvent.Type.Should().Be($"dev.cdevents.pipelinerun.{predicate}.0.3.0");
        cloudEvent.Id.Should().Be($"{build.Id}/1/{predicate}");
        Content(cloudEvent).TryGetProperty("outcome", out var actual).Should().Be(outcome is not null);
        (outcome is null ? null : actual.GetString()).Should().Be(outcome);
    }

    [Fact]
    public void An_unknown_status_has_no_event()
    {
        BuildCloudEvent.Of(Accepted with { Status = BuildStatus.Unknown }, Source).Should().BeNull();
    }

    [Fact]
    public void A_build_that_waits_for_its_next_attempt_has_no_event()
    {
        BuildCloudEvent.Of(Accepted with { Attempt = 2, RemoteId = null, AcceptedAt = null }, Source).Should().BeNull();
    }

    [Fact]
    public void Each_attempt_has_events_of_its_own()
    {
        BuildCloudEvent.Of(Running with { Attempt = 2 }, Source)!.Id.Should().Be($"{Running.Id}/2/started");
    }

    [Fact]
    public void An_event_has_the_time_of_what_happened()
    {
        Build[] builds = [Accepted, Running, Failed];

        builds.Select(static build => BuildCloudEvent.Of(build, Source)!.Time).Should().Equal(Taken, Started, Ended);
    }

    [Fact]
    public void The_event_of_a_status_has_the_same_id_after_further_saves()
    {
        BuildCloudEvent.Of(Running with { Version = 9 }, Source)!.Id.Should().Be(BuildCloudEvent.Of(Running, Source)!.Id);
    }

    [Fact]
    public void The_attributes_are_those_that_the_data_repeats()
    {
        var cloudEvent = BuildCloudEvent.Of(Failed, Source)!;

        var context = ((JsonElement)cloudEvent.Data!).GetProperty("context");
        (cloudEvent.Id, cloudEvent.Type, cloudEvent.Source, cloudEvent.Time, cloudEvent.Subject, cloudEvent.DataContentType).Should().Be((
            context.GetProperty("id").GetString(),
            context.GetProperty("type").GetString(),
            new Uri(context.GetProperty("source").GetString()!, UriKind.Relative),
            context.GetProperty("timestamp").GetDateTimeOffset(),
            Failed.Id.ToString(),
            "application/json"));
    }

    [Fact]
    public void The_data_is_the_CDEvent()
    {
        var bytes = new JsonEventFormatter().EncodeStructuredModeMessage(BuildCloudEvent.Of(Failed, Source)!, out _);

        using var sent = JsonDocument.Parse(bytes);
        using var expected = JsonDocument.Parse(
            """
            {
              "context": {
                "specversion": "0.5.1",
                "id": "01957a00-0000-7000-8000-000000000001/1/finished",
                "source": "/queue/shop",
                "type": "dev.cdevents.pipelinerun.finished.0.3.0",
                "timestamp": "2026-03-01T10:09:00+00:00"
              },
              "subject": {
                "id": "01957a00-0000-7000-8000-000000000001",
                "content": {
                  "pipelineName": "ci",
                  "uri": "https://ci.example.com/runs/7",
                  "outcome": "failure",
                  "errors": "Two tests failed."
                }
              },
              "customData": {
                "key": "shop/pull/12",
                "ownerId": "shop",
                "remoteId": "run-7",
                "failureKind": "code",
                "attempt": 1,
                "version": 5,
                "createdAt": "2026-03-01T10:00:00+00:00",
                "acceptedAt": "2026-03-01T10:00:02+00:00",
                "startedAt": "2026-03-01T10:01:00+00:00",
                "endedAt": "2026-03-01T10:09:00+00:00"
              }
            }
            """);
        JsonElement.DeepEquals(sent.RootElement.GetProperty("data"), expected.RootElement).Should().BeTrue("it is {0}", sent.RootElement);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a url")]
    public void A_build_without_a_URL_is_named_by_its_id(string? url)
    {
        var build = Running with { Metadata = url is null ? BuildMetadata.Empty : [new(BuildMetadataKeys.Url, url)] };

        Content(BuildCloudEvent.Of(build, Source)!).GetProperty("uri").GetString().Should().Be($"urn:uuid:{build.Id}");
    }

    private static JsonElement Content(CloudEvent cloudEvent) =>
        ((JsonElement)cloudEvent.Data!).GetProperty("subject").GetProperty("content");
}
