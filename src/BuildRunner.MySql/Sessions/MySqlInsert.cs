using System.Text;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.MySql.Sessions;

/// <summary>A row of messages as it is sent.</summary>
internal sealed record MySqlInsert(MessageInsert Row, string? Headers)
{
    // What is around the values.
    private const int Rest = 128;

    /// <summary>Gets how many bytes it has, before quotes and backslashes are doubled.</summary>
    public int Size { get; } = Rest + Row.Message.Payload.Length + BytesOf(Row.Topic) + BytesOf(Row.Message.PartitionKey) + BytesOf(Row.Message.Id) + BytesOf(Headers);

    private static int BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
