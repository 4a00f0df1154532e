using System.Globalization;
using System.Text;
using BuildRunner.Tests;

namespace BuildRunner.Testing.Tests;

/// <summary>Writes doc/conformance-kit.md: what no case can check, and which mistakes the cases find.</summary>
internal static class ConformanceDocument
{
    /// <summary>Gets the cases that are never the only one to find a mutant, and the reasons.</summary>
    public static IReadOnlyDictionary<string, string> NeverAlone { get; } = new Dictionary<string, string>
    {
        ["T1: A broken head fails the build and a good one does not"] = "a head that is not built does not fail, so the case of S4 that needs a failure fails too",
        ["T2: Trigger returns before the build has ended"] = "a trigger that waits for the end never returns for a long build, so every case with a long build fails too",
        ["T3: An id is never default"] = "no call accepts a default id, so every case that uses the build fails too",
        ["T3: Ids are unique under concurrency"] = "two builds with the same id are mixed up, which the case of A1 also finds",
        ["T3: An id is not used again when its build has ended"] = "two builds with the same id are mixed up, which the case of T6 also finds, because it compares consecutive builds",
        ["T5: Status resolves as soon as Trigger has returned"] = "every case that needs a status asks for it right after the trigger",
        ["T7: The build is found by its key"] = "a runner that finds nothing finds nothing by long keys either, so the case on their last characters fails too",
    };

    /// <summary>Gets the parts of clauses that no case can check, and the reasons.</summary>
    public static IReadOnlyList<(string Clause, string Part, string Reason)> NotTested { get; } =
    [
        ("T1", "on the target branch that the runner is bound to", "the target branch is configuration of the runner, which the kit does not see"),
        ("T1", "a change of several URIs", "each backend defines how several URIs make one change"),
        ("T3", "an id is never used again", "a test cannot wait forever; the next builds are checked"),
        ("T4", "whatever else Trigger throws, nothing was created", "a kit cannot make a backend fail in every way; a rejection, a timeout, a lost answer, a rate limit, a refusal and refused credentials are checked"),
        ("T5", "the backend's own retention", "the backend sets it, and it is longer than a test"),
        ("T8", "no layer of the program around the runner repeats a create", "the kit sees the runner that the harness creates, not the one that a program registers"),
        ("T8", "a create that is sent once more after a 401", "the kit counts builds, not requests"),
        ("S1", "a build that the credentials do not show", "a harness has one set of credentials; the runner cannot tell a hidden build from a missing one"),
        ("S3", "the runner keeps reporting the same attempt", "a runner may report a build that a person has reopened, so neither answer is wrong"),
        ("S4", "every kind of end", "each backend needs its own way to cause timeouts, lost workers and lack of memory; a failing build is checked"),
        ("S5", "failed_side if the runner can tell", "only the runner knows whether it can; a runner that never sets it is skipped, one that sets it wrongly fails"),
        ("S5", "a base that broke the build", "only a runner that builds the base alone can tell; a head that broke the build is checked"),
        ("A1", "instances live long and are not disposed by callers", "it binds the callers, not the runner"),
        ("A3", "transient only if the runner knows it", "the kit cannot see what a runner knows; a rejection, which is not transient, and a rate limit, which is, are checked"),
        ("A3", "the figures of side interfaces", "the kit calls IBuildFinder but injects no faults into side interfaces, and does not call IBuildLogSource"),
        ("A4", "the log of a build", "the output of a build comes from the code under test, not from the runner"),
        ("A5", "side interfaces", "a harness injects faults only into the three members"),
        ("A5", "a permission, a project or a pipeline that is missing", "a harness would have to cause each of them in its backend; refused credentials are checked"),
    ];

    public static string Write(MutantMatrix matrix)
    {
        var text = new StringBuilder("""
            # How the conformance kit is tested

            The kit of [`BuildRunner.Testing`](../src/BuildRunner.Testing/README.md) is run on runners with one mistake each. This page lists the mistakes and the cases that find them, and what no case checks. The numbers are those of the [cases](conformance.md#cases). A test generates this page and compares it; see [Contributing](../CONTRIBUTING.md#the-conformance-kit).

            ## What no case checks

            Every clause has a case, but these parts of clauses have none.

            | clause | part | why |
            |---|---|---|

            """);
        foreach (var (clause, part, reason) in NotTested)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {clause} | {part} | {reason} |\n");
        }

        AppendMutants(text, matrix);
        return text.ToString();
    }

    private static void AppendMutants(StringBuilder text, MutantMatrix matrix)
    {
        text.Append(CultureInfo.InvariantCulture, $"""

            ## Mistakes

            The tests run the kit on {MutantMatrix.Mutants.Count} runners with one mistake each. The case that was written for the mistake comes first.

            | a runner that | is found by |
            |---|---|

            """);
        foreach (var mutant in MutantMatrix.Mutants)
        {
            var attribute = MutantMatrix.Attribute(mutant);
            var catchers = matrix.CatchersOf(mutant).OrderByDescending(catcher => catcher.Name == attribute.Owner);
            text.Append(CultureInfo.InvariantCulture, $"| {attribute.Mistake} | {string.Join(", ", catchers.Select(ConformanceMatrix.Number))} |\n");
        }

        text.Append("""

            Almost every case is the only one to find some mistake. These cannot be:

            | case | why |
            |---|---|

            """);
        foreach (var conformanceCase in Conformance.Cases.Where(conformanceCase => NeverAlone.ContainsKey(conformanceCase.Name)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {ConformanceMatrix.Number(conformanceCase)} | {NeverAlone[conformanceCase.Name]} |\n");
        }
    }
}
