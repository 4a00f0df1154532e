namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>Builds and messages as tests need them.</summary>
public static class Sample
{
    /// <summary>Gets texts that a database is tempted to take for something else.</summary>
    public static TheoryData<string> HostileTexts =>
    [
        "a ", " a", "\t", "\\", "\\u0000", "\\\\", "'; DROP TABLE queue_builds; --", "\"", "?", "$1", "{0}", "\u0001", "\uffff", "e\u0301", "\ud83d\ude00", "line\r\nline",
    ];

    /// <summary>Makes a build that has nothing but what it must have.</summary>
    public static Build Build(string key = "key", string owner = "owner", string runner = "ci", BuildStatus status = BuildStatus.Accepted, DateTimeOffset? updatedAt = null)
    {
        var id = Guid.CreateVersion7(EngineFixture.Start);
        return new()
        {
            Id = id,
            Key = key,
            OwnerId = owner,
            Runner = runner,
            Request = new BuildRequest { Head = [new Change("git://host/repo/refs%2Fheads%2Fmain/1")], TriggerKey = id.ToString() },
            Status = status,
            CreatedAt = EngineFixture.Start,
            UpdatedAt = updatedAt ?? EngineFixture.Start,
            EndedAt = status.IsTerminal() ? updatedAt ?? EngineFixture.Start : null,
            Deadline = EngineFixture.Start + TimeSpan.FromHours(1),
        };
    }

    /// <summary>Makes the record that comes after one.</summary>
    public static Build Next(this Build build) => build with { Version = build.Version + 1 };

    /// <summary>Makes a message to the topic of the test's consumer.</summary>
    public static OutgoingMessage OutgoingMessage(string id) => new(Consumer.DefaultTopic, Consumer.MessageOf(id, id));
}
