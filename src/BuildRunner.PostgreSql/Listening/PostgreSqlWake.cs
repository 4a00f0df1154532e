using System.Globalization;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>Formats the payload of a notification: the sender, the delay in milliseconds, and the topic.</summary>
internal static class PostgreSqlWake
{
    public static string Write(string sender, QueueWake wake) =>
        string.Create(CultureInfo.InvariantCulture, $"{sender} {(long)Math.Max(0, wake.After.TotalMilliseconds)} {wake.Topic}");

    /// <summary>Reads a payload, or returns <see langword="null"/> if another program wrote it.</summary>
    public static (string Sender, QueueWake Wake)? Read(string payload) =>
        payload.Split(' ', 3) is [var sender, var after, var topic]
        && long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= (long)TimeSpan.MaxValue.TotalMilliseconds
            ? (sender, new QueueWake(topic, TimeSpan.FromMilliseconds(milliseconds, 0)))
            : null;
}
