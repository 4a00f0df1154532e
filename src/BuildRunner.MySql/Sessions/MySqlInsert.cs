using System.Text;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.MySql.Sessions;

/// <summary>Represents a message to insert.</summary>
internal sealed record MySqlInsert(MessageInsert Row, string? Headers)
{
    // The text around the values.
    private const int Rest = 128;

    /// <summary>Gets the size in bytes, before quotes and backslashes are doubled.</summary>
    public int Size { get; } = Rest
        + Row.Message.Payload.Length
        + BytesOf(Row.Topic)
        + BytesOf(Row.Message.PartitionKey)
        + BytesOf(Row.Message.Id)
        + BytesOf(Headers);

    private static int BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
