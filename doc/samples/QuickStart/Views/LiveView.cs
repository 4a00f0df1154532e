using System.Diagnostics;
using System.Globalization;
using BuildRunner;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace QuickStart.Views;

/// <summary>For a person at a terminal: the status, the time and the end of the log, as they change, and at the end the snapshot.</summary>
internal sealed class LiveView : IBuildView
{
    private const int TailLength = 12;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly CancellationTokenSource _ended = new();
    private readonly IAnsiConsole _console;
    private readonly LogTail _tail;
    private (BuildId BuildId, BuildSnapshot Snapshot)? _last;
    private bool _cancelling;
    private Task _rendering = Task.CompletedTask;

    public LiveView(IAnsiConsole console)
    {
        _console = console;
        _tail = new LogTail(() => Logs, TailLength);
    }

    public IBuildLogSource? Logs { get; set; }

    public void Begin(string what)
    {
        _console.MarkupLineInterpolated($"[grey]{what}[/]");
        _rendering = _console.Live(Text.Empty).AutoClear(true).StartAsync(RenderAsync);
    }

    public void Say(string sentence)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(sentence);
        }
        else
        {
            // Above what is shown, which would otherwise be torn apart.
            _console.MarkupLineInterpolated($"[yellow]{sentence}[/]");
        }
    }

    public void Show(BuildId buildId, BuildSnapshot snapshot) => _last = (buildId, snapshot);

    public void ShowCancelling() => _cancelling = true;

    public async Task EndAsync(BuildId buildId, BuildSnapshot snapshot)
    {
        await StopAsync();
        if (snapshot.Status == BuildStatus.Failed)
        {
            _console.Write(Tail());
        }

        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Describe(snapshot.Status), Style(snapshot.Status)) };
        table.AddColumns("key", "value").HideHeaders();
        table.AddRow(new Text("id"), new Text(buildId.Value));
        table.AddRow(new Text("time"), new Text(Time()));
        foreach (var (key, value) in snapshot.Metadata)
        {
            table.AddRow(new Text(key), new Text(value));
        }

        _console.Write(table);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ended.Dispose();
        await _tail.DisposeAsync();
    }

    private async Task RenderAsync(LiveDisplayContext display)
    {
        using PeriodicTimer timer = new(Tick);
        do
        {
            if (_last is var (buildId, snapshot))
            {
                await _tail.ReadAsync(buildId, snapshot.Status.IsTerminal());
                display.UpdateTarget(new Rows(new Text($"{Time()}  {Describe(snapshot.Status)}  {buildId}", Style(snapshot.Status)), Tail()));
            }
            else
            {
                display.UpdateTarget(new Text($"{Time()}  Waiting for the build to be accepted"));
            }
        }
        while (!_ended.IsCancellationRequested && await NextAsync(timer));
    }

    // True also at the end, so that what has changed since the last tick is read once more.
    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_ended.Token);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private async Task StopAsync()
    {
        await _ended.CancelAsync();
        await _rendering;
    }

    private Rows Tail() => _tail.Lines.Count == 0
        ? new Rows(new Text("│ no output yet", new Style(Color.Grey)))
        : new Rows(_tail.Lines.Select(static IRenderable (line) => new Text("│ " + line, new Style(Color.Grey)) { Overflow = Overflow.Ellipsis }));

    private string Time() => _elapsed.Elapsed.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);

    private string Describe(BuildStatus status) => _cancelling && !status.IsTerminal() ? $"{status}, cancelling" : status.ToString();

    private static Style Style(BuildStatus status) => new(status switch
    {
        BuildStatus.Succeeded => Color.Green,
        BuildStatus.Failed => Color.Red,
        BuildStatus.Cancelled => Color.Yellow,
        _ => Color.Blue,
    });
}
