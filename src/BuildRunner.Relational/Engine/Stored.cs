using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>What was stored, as the program knows it.</summary>
internal static class Stored
{
    public static Message MessageOf(MessageRow row, MessageContent content) => new() { PartitionKey = row.PartitionKey, Id = row.Id, Payload = content.Payload, Headers = HeadersJson.Read(content.Headers) };

    public static DeadLetter LetterOf(MessageRow row) =>
        new(MessageOf(row, row.Content!), DateTimeOffset.FromUnixTimeMilliseconds(row.PublishedAt), row.Content!.Cause);
}
