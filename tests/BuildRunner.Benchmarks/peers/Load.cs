using System.Globalization;

namespace BuildRunner.Peers;

/// <summary>What one process measures of one library.</summary>
/// <param name="Thing">What is measured: <c>enqueue</c>, <c>poll</c> or <c>late</c>.</param>
/// <param name="Connection">How to connect to an empty database.</param>
/// <param name="Jobs">How many jobs there are that run again and again.</param>
/// <param name="Rate">How many jobs a second are due where their lateness is measured.</param>
/// <param name="Callers">How many callers enqueue at a time.</param>
/// <param name="Batch">How many jobs are enqueued by one call, and how many a process has in hand, of libraries with batches.</param>
/// <param name="Seconds">For how long it is measured.</param>
internal sealed record Load(string Thing, string Connection, int Jobs, int Rate, int Callers, int Batch, int Seconds)
{
    /// <summary>After how long a job runs again.</summary>
    public static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);

    public TimeSpan Time => TimeSpan.FromSeconds(Seconds);

    public string[] ToArguments() => [Thing, Connection, $"{Jobs}", $"{Rate}", $"{Callers}", $"{Batch}", $"{Seconds}"];

    public static Load? Parse(string[] arguments)
    {
        if (arguments is not [var thing, var connection, .. { Length: 5 } texts])
        {
            return null;
        }

        int[] numbers = [.. texts.Select(static text => int.Parse(text, CultureInfo.InvariantCulture))];
        return new(thing, connection, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }
}
