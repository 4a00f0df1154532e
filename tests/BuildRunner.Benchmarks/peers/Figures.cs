using System.Globalization;
using System.Text;

namespace BuildRunner.Peers;

/// <summary>What all rounds have measured.</summary>
internal sealed class Figures
{
    private static readonly (string Name, string Title)[] Columns =
    [
        ("one_per_s", "enqueued per second, one caller"),
        ("many_per_s", "many callers"),
        ("bulk_per_s", "in bulk"),
        ("polls_per_s", "run again per second"),
        ("late_p50_ms", "late, p50"),
        ("late_p99_ms", "late, p99"),
    ];

    private readonly Dictionary<(string Library, string Figure), SortedList<int, double>> _values = [];
    private readonly List<string> _libraries = [];

    /// <summary>Adds what a process has printed, as <c>name=value</c>.</summary>
    public void Add(string library, int round, string printed)
    {
        if (!_libraries.Contains(library))
        {
            _libraries.Add(library);
        }

        foreach (var pair in printed.Split(' ').Select(static word => word.Split('=')))
        {
            if (pair is [var name, var text] && double.TryParse(text, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value))
            {
                (_values.TryGetValue((library, name), out var rounds) ? rounds : _values[(library, name)] = []).Add(round, value);
            }
        }
    }

    /// <summary>Gets the medians, each with the median of how many times better ours was in the same round.</summary>
    public string ToTable()
    {
        StringBuilder table = new();
        AddRow("library", Columns.Select(static column => column.Title));
        AddRow("---", Columns.Select(static _ => "---"));
        foreach (var library in _libraries)
        {
            AddRow(library, Columns.Select(column => Cell(library, column.Name)));
        }

        return table.ToString().TrimEnd();

        void AddRow(string first, IEnumerable<string> cells) => table.AppendJoin(" | ", cells.Prepend($"| {first}")).AppendLine(" |");
    }

    private string Cell(string library, string figure)
    {
        if (!_values.TryGetValue((library, figure), out var rounds))
        {
            return "";
        }

        var isTime = figure.EndsWith("_ms", StringComparison.Ordinal);
        var text = Median(rounds.Values).ToString(isTime ? "N1" : "N0", CultureInfo.InvariantCulture) + (isTime ? " ms" : "");
        // Whoever runs jobs before they are due cannot be compared.
        if (library == Libraries.Queue || rounds.Values.Any(static value => value < 0) || !_values.TryGetValue((Libraries.Queue, figure), out var ours))
        {
            return text;
        }

        var ratio = Median(rounds
            .Where(round => ours.ContainsKey(round.Key))
            .Select(round => isTime ? round.Value / ours[round.Key] : ours[round.Key] / round.Value));
        return string.Create(CultureInfo.InvariantCulture, $"{text} ({ratio:0.##})");
    }

    // Of an even number the mean of the two in the middle.
    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
