using System.Globalization;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.PostgreSql.Listening;

/// <summary>The payload of a notification: who has published, after how many milliseconds there is something, and in which topic.</summary>
internal static class PostgreSqlWake
{
    public static string Write(string sender, QueueWake wake) =>
        string.Create(CultureInfo.InvariantCulture, $"{sender} {(long)Math.Max(0, wake.After.TotalMilliseconds)} {wake.Topic}");

    /// <summary>Reads a payload. What is none, because somebody else uses the channel, is <see langword="null"/>.</summary>
    public static (string Sender, QueueWake Wake)? Read(string payload) =>
        payload.Split(' ', 3) is [var sender, var after, var topic] && long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= (long)TimeSpan.MaxValue.TotalMilliseconds
            ? (sender, new QueueWake(topic, TimeSpan.FromMilliseconds(milliseconds, 0)))
            : null;
}
