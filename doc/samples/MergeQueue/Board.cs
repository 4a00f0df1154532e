using Spectre.Console;

namespace MergeQueue;

/// <summary>Shows the branches: as a table that changes at a terminal, and as a line for each change elsewhere.</summary>
internal sealed class Board(IReadOnlyList<Entry> entries)
{
    private readonly Dictionary<Entry, string> _shown = [];
    private Action<Table>? _update;

    /// <summary>Gives a look at the branches to what changes them.</summary>
    /// <param name="run">What changes them. It is given what shows them, and tells whether something had changed.</param>
    public async Task ShowAsync(Func<Func<bool>, Task> run)
    {
        if (Console.IsOutputRedirected)
        {
            await run(Show);
            return;
        }

        await AnsiConsole.Live(Table()).StartAsync(display =>
        {
            _update = display.UpdateTarget;
            return run(Show);
        });
    }

    /// <summary>Says something beside that.</summary>
    public void Say(string sentence)
    {
        if (_update is null || Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(sentence);
        }
        else
        {
            // Above the table, which would otherwise be torn apart.
            AnsiConsole.WriteLine(sentence);
        }
    }

    private bool Show()
    {
        var changed = entries.Select(static entry => (Entry: entry, Line: LineOf(entry))).Where(shown => _shown.GetValueOrDefault(shown.Entry) != shown.Line).ToList();
        foreach (var (entry, line) in changed)
        {
            _shown[entry] = line;
            if (_update is null)
            {
                Console.WriteLine(line);
            }
        }

        _update?.Invoke(Table());
        return changed.Count > 0;
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

    private static string LineOf(Entry entry) =>
        $"{entry.Branch,-20} {NameOf(entry.State),-10} {(entry.On.Length == 0 ? "" : $"on {entry.On}")}".TrimEnd();

    private static string NameOf(State state) => state.ToString().ToLowerInvariant();
}
