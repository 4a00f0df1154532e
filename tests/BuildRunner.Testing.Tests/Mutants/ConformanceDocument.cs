using System.Globalization;
using System.Text;

namespace BuildRunner.Testing.Tests;

/// <summary>Writes doc/conformance.md: what each case tries, what none can, and which mistakes they find.</summary>
internal static class ConformanceDocument
{
    /// <summary>Gets the cases that are never alone in finding a mutant, and why they cannot be.</summary>
    public static IReadOnlyDictionary<string, string> NeverAlone { get; } = new Dictionary<string, string>
    {
        ["T1: A broken head fails the build and a good one does not"] = "a head that is not built does not fail, which the case of S4 that needs a failure sees also",
        ["T2: Trigger returns before the build has ended"] = "a trigger that waits for the end never comes back with a long build, so every case that needs one fails with it",
        ["T3: An id is never default"] = "nothing can be asked of a default id, so every case that goes on with the build fails with it",
        ["T3: Ids are unique under concurrency"] = "two builds under one id are mixed up, which the case of A1 sees also",
        ["T3: An id is not used again when its build has ended"] = "two builds under one id are taken for each other, which the case of T6 sees also, where it compares builds one after the other",
        ["T5: Status resolves as soon as Trigger has returned"] = "every case that asks how a build stands asks right after its trigger",
        ["T7: The build is found by its key"] = "what finds nothing finds nothing by long keys either, which the case on their last characters sees also",
    };

    /// <summary>Gets the parts of clauses that no case can try, and why.</summary>
    public static IReadOnlyList<(string Clause, string Part, string Reason)> NotTested { get; } =
    [
        ("T1", "on the target branch that the runner is bound to", "what the runner is bound to is configuration that the kit does not see"),
        ("T1", "a change of several URIs", "how several make one change is for each backend to say"),
        ("T3", "an id is never used again", "never is longer than a test; the next builds are tried"),
        ("T4", "whatever else Trigger throws, nothing was created", "a kit cannot make a backend fail in every way; a rejection, a time-out, a lost answer, a rate limit, a refusal and refused credentials are tried"),
        ("T5", "the backend's own retention", "it is the backend's, and longer than a test"),
        ("T8", "no layer of the program around the runner repeats a create", "the kit sees the runner as its harness makes it; the registration of the program that uses it is another"),
        ("T8", "a create that is sent once more after a 401", "a kit counts what was created, and not what was sent"),
        ("S1", "a build that the credentials do not see", "a harness has one set of credentials; the runner cannot tell it from a build that is not there"),
        ("S3", "the attempt is pinned", "a runner may report a build that somebody has reopened by hand, so that neither answer is wrong"),
        ("S4", "every kind of end", "time-outs, lost workers and lack of memory are made differently for every backend; a build that fails is tried"),
        ("S5", "failed_side where the runner can tell", "only the runner knows whether it can; one that never sets it is skipped, one that is wrong is not"),
        ("S5", "a base that broke the build", "only a runner that builds the base alone can tell; a head that broke it is tried"),
        ("A1", "instances live long and are not disposed by callers", "it binds the callers"),
        ("A3", "transient only where the runner knows it", "what a runner knows does not show; a rejection, which is not transient, and a rate limit, which is, are tried"),
        ("A3", "the figures of side interfaces", "IBuildFinder and IBuildLogSource are called where they are there; which of their calls fail how is not asked of a harness"),
        ("A4", "the log of a build", "what the build itself puts out is the caller's code and not the runner's"),
        ("A5", "side interfaces", "a harness lets calls of the three members go wrong"),
        ("A5", "a permission, a project or a pipeline that is missing", "a harness would have to make each for its backend; refused credentials are tried"),
    ];

    /// <summary>Gets the number by which the document calls a case: its clause and its place among the cases of the clause.</summary>
    public static string Number(ConformanceCase conformanceCase)
    {
        var sisters = Conformance.Cases.Where(other => other.Clause == conformanceCase.Clause).ToList();
        return $"{conformanceCase.Clause}.{sisters.IndexOf(conformanceCase) + 1}";
    }

    public static string Write(MutantMatrix matrix)
    {
        var text = new StringBuilder("""
            # Conformance

            What the kit of [`BuildRunner.Testing`](../src/BuildRunner.Testing/README.md) tries, and how it is known to notice. A test writes this file and compares it; see [Contributing](../CONTRIBUTING.md).

            ## Cases

            The numbers are those of [the clauses](writing-a-runner.md#the-clauses), each with the place of the case among those of its clause. A case is skipped where the runner does not declare what it needs, or where the harness lacks a hook.

            | number | level | needs | what is tried |
            |---|---|---|---|

            """);
        foreach (var conformanceCase in Conformance.Cases)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Number(conformanceCase)} | {Level(conformanceCase)} | {Needs(conformanceCase)} | {conformanceCase.Title} |\n");
        }

        text.Append("""

            ## What no case tries

            Every clause has a case. These parts of clauses have none.

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

            {MutantMatrix.Mutants.Count} runners with one mistake each, and the cases that find it. The case whose mistake it is comes first.

            | a runner that | is found by |
            |---|---|

            """);
        foreach (var mutant in MutantMatrix.Mutants)
        {
            var attribute = MutantMatrix.Attribute(mutant);
            var catchers = matrix.CatchersOf(mutant).OrderByDescending(catcher => catcher.Name == attribute.Owner);
            text.Append(CultureInfo.InvariantCulture, $"| {attribute.Mistake} | {string.Join(", ", catchers.Select(Number))} |\n");
        }

        text.Append("""

            Nearly every case is the only one to find one of them. The others cannot be:

            | case | why |
            |---|---|

            """);
        foreach (var conformanceCase in Conformance.Cases.Where(conformanceCase => NeverAlone.ContainsKey(conformanceCase.Name)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Number(conformanceCase)} | {NeverAlone[conformanceCase.Name]} |\n");
        }
    }

    private static string Level(ConformanceCase conformanceCase) => conformanceCase.IsRequired ? "MUST" : "SHOULD";

    private static string Needs(ConformanceCase conformanceCase) =>
        conformanceCase.Requires == BuildRunnerCapabilities.None ? "" : string.Join(", ", conformanceCase.Requires.ToString().Split(", ").Select(name => $"`{name}`"));
}
