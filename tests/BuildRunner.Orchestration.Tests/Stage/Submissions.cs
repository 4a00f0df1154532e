namespace BuildRunner.Orchestration.Tests.Stage;

internal static class Submissions
{
    public static Change Change { get; } = new("git://git.example.org/shop/refs%2Fheads%2Ffix/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10");

    public static BuildSubmission Of(string key = "build-1", string owner = "queue-1", string runner = StageBuilderExtensions.Ci, TimeSpan? timeout = null) =>
        new() { Key = key, OwnerId = owner, Runner = runner, Request = new BuildRequest { Head = [Change] }, Timeout = timeout };
}
