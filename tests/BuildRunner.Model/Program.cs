using System.Diagnostics;
using System.Globalization;
using BuildRunner.Model;

// Prints how many states each scenario has, and how soon each deliberate mistake is found.
var total = Stopwatch.StartNew();
var isRight = true;
foreach (var scenario in Scenarios.All)
{
    var watch = Stopwatch.StartNew();
    var found = scenario.Explore(null);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name,-60} {found.States,9:N0} states {found.Steps,10:N0} steps {watch.Elapsed.TotalSeconds,6:F1} s"));
    if (found.Violations.Count > 0 || found.States != scenario.States)
    {
        isRight = false;
        Console.WriteLine(found.States == scenario.States ? found.Text : $"{scenario.States} states are expected. {found.Text}");
    }
}

foreach (var mutant in Mutants.All)
{
    var found = mutant.Scenario.Explore(mutant.Rule + ":");
    var trace = found.Violations.FirstOrDefault(violation => violation.StartsWith(mutant.Rule + ":", StringComparison.Ordinal));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mutant,-60} {found.States,9:N0} states: {trace ?? "NOT FOUND"}"));
    isRight &= trace is not null;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total.Elapsed.TotalSeconds:F1} s"));
return isRight ? 0 : 1;
