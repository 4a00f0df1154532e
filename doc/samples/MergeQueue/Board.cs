using Spectre.Console;

namespace MergeQueue;

/// <summary>Shows the branches: as a table that changes at a terminal, and as a line for each change elsewhere.</summary>
internal sealed class Board(IReadOnlyList<Entry> entries)
{
    private readonly Dictionary<Entry, string> _shown = [];

    public async Task ShowAsync(Func<Action, Task> run)
    {
        if (Console.IsOutputRedirected)
        {
            await run(WriteLines);
            return;
        }

        await AnsiConsole.Live(Table()).StartAsync(display => run(() => display.UpdateTarget(Table())));
    }

    private Table Table()
    {
        var table = new Table { Border = TableBorder.Rounded }.AddColumns("branch", "verified on", "state");
        foreach (var entry in entries)
        {
            table.AddRow(new Text(entry.Branch), new Text(entry.On), new Text(NameOf(entry.State), new Style(entry.State switch
            {
                State.Landed or State.Green => Color.Green,
                State.Dropped or State.Red => Color.Red,
                State.Unverified => Color.Yellow,
                State.Running => Color.Blue,
                _ => Color.Grey,
            })));
        }

        return table;
    }

    private void WriteLines()
    {
        foreach (var entry in entries)
        {
            var line = $"{entry.Branch,-20} {NameOf(entry.State),-10} {(entry.On.Length == 0 ? "" : $"on {entry.On}")}".TrimEnd();
            if (_shown.GetValueOrDefault(entry) != line)
            {
                Console.WriteLine(_shown[entry] = line);
            }
        }
    }

    private static string NameOf(State state) => state.ToString().ToLowerInvariant();
}
