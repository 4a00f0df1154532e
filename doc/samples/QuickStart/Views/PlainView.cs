using System.Diagnostics;
using System.Globalization;
using BuildRunner;

namespace QuickStart.Views;

/// <summary>For logs and pipes: a line for each change, and at the end the snapshot, after the end of the log where the build has failed.</summary>
internal sealed class PlainView(TextWriter output) : IBuildView
{
    private const int TailLength = 20;

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();

    public IBuildLogSource? Logs { get; set; }

    public void Begin(string what)
    {
        output.WriteLine(what);
        output.WriteLine("Waiting for the build to end; if it fails, the end of its log is shown.");
    }

    public void Say(string sentence) => Console.Error.WriteLine(sentence);

    public void Show(BuildId buildId, BuildSnapshot snapshot) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_elapsed.Elapsed.TotalSeconds,7:F1} s  {snapshot.Status,-9}  {buildId}"));

    public void ShowCancelling() => output.WriteLine("Cancelling the build.");

    public async Task EndAsync(BuildId buildId, BuildSnapshot snapshot)
    {
        if (snapshot.Status == BuildStatus.Failed)
        {
            await using LogTail tail = new(() => Logs, TailLength);
            await tail.ReadAsync(buildId, isLast: true);
            foreach (var line in tail.Lines)
            {
                output.WriteLine($"           | {line}");
            }
        }

        output.WriteLine();
        output.WriteLine($"{snapshot.Status}");
        foreach (var (key, value) in snapshot.Metadata)
        {
            output.WriteLine($"  {key,-14} {value.ReplaceLineEndings("\n" + new string(' ', 17))}");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
