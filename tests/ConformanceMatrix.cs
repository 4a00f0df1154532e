using BuildRunner.Testing;

namespace BuildRunner.Tests;

/// <summary>The matrix of doc/conformance.md: a row for each case of the kit, a column for each runner.</summary>
internal sealed class ConformanceMatrix
{
    /// <summary>The mark of a case that no test has tried yet.</summary>
    public const string NotSeen = "?";

    // Number, title and needs of a case stand before the columns of the runners.
    private const int Heads = 3;
    private const string FirstCell = "| number |";
    private const string Should = " (SHOULD)";

    private readonly string[] _before;
    private readonly string[] _after;
    private readonly Dictionary<(string Case, string Column), string> _cells = [];

    private ConformanceMatrix(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var header = Array.FindIndex(lines, static line => line.StartsWith(FirstCell, StringComparison.Ordinal));
        var end = Array.IndexOf(lines, "", header);
        _before = lines[..(header + 2)];
        _after = lines[end..];
        Columns = Cells(lines[header])[Heads..];
        foreach (var cells in lines[(header + 2)..end].Select(Cells))
        {
            var name = $"{cells[0].Split('.')[0]}: {cells[1].Replace(Should, "", StringComparison.Ordinal)}";
            foreach (var (column, cell) in Columns.Zip(cells[Heads..]))
            {
                _cells[(name, column)] = cell;
            }
        }
    }

    public static string File { get; } = Path.Combine(FindRoot(), "doc", "conformance.md");

    public IReadOnlyList<string> Columns { get; }

    /// <summary>Gets or sets the cell of a case and a runner.</summary>
    public string this[string caseName, string column]
    {
        get => _cells.GetValueOrDefault((caseName, column), NotSeen);
        set => _cells[(caseName, column)] = value;
    }

    public static ConformanceMatrix Read() => new(System.IO.File.ReadAllText(File));

    /// <summary>Gets the number of a case: its clause and its position among the cases of the clause.</summary>
    public static string Number(ConformanceCase conformanceCase)
    {
        var sisters = Conformance.Cases.Where(other => other.Clause == conformanceCase.Clause).ToList();
        return $"{conformanceCase.Clause}.{sisters.IndexOf(conformanceCase) + 1}";
    }

    public void Write() => System.IO.File.WriteAllText(File, ToString());

    /// <summary>Returns the page, with a row for each case that the kit has now.</summary>
    public override string ToString() => string.Join('\n', [.. _before, .. Conformance.Cases.Select(Row), .. _after]);

    private static string[] Cells(string line) => [.. line.Split('|')[1..^1].Select(static cell => cell.Trim())];

    private static string Needs(ConformanceCase conformanceCase) =>
        string.Join(", ", new[] { Names(conformanceCase.Requires, ", "), Names(conformanceCase.RequiresAny, " or ") }.Where(static names => names.Length > 0));

    private static string Names(BuildRunnerCapabilities capabilities, string separator) => capabilities == BuildRunnerCapabilities.None
        ? ""
        : string.Join(separator, capabilities.ToString().Split(", ").Select(static name => $"`{name}`"));

    private static string FindRoot()
    {
        var root = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(root, "BuildRunner.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not run in the repository.");
        }

        return root;
    }

    private string Row(ConformanceCase conformanceCase)
    {
        string[] heads = [Number(conformanceCase), conformanceCase.Title + (conformanceCase.IsRequired ? "" : Should), Needs(conformanceCase)];
        return $"| {string.Join(" | ", [.. heads, .. Columns.Select(column => this[conformanceCase.Name, column])])} |";
    }
}
