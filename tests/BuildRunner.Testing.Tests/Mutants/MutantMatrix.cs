using System.Reflection;

namespace BuildRunner.Testing.Tests;

/// <summary>The cases that find each mutant.</summary>
internal sealed class MutantMatrix
{
    private const int AtATime = 8;

    private readonly Dictionary<Type, IReadOnlyList<ConformanceCase>> _catchers = [];

    private readonly HashSet<Type> _foundByCheck = [];

    private MutantMatrix()
    {
    }

    /// <summary>Gets the mutants, by the order of the cases that own them.</summary>
    public static IReadOnlyList<Type> Mutants { get; } =
        [.. typeof(Mutant).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Mutant)) && !type.IsAbstract)
            .OrderBy(type => Conformance.Cases.Select(each => each.Name).ToList().IndexOf(Attribute(type).Owner))
            .ThenBy(type => type.Name, StringComparer.Ordinal)];

    public static MutantAttribute Attribute(Type mutant) => mutant.GetCustomAttribute<MutantAttribute>()
        ?? throw new InvalidOperationException($"{mutant} does not say what is wrong with it.");

    public static async Task<MutantMatrix> CreateAsync(CancellationToken cancellationToken)
    {
        // The cases wait for threads most of their time.
        var found = new IReadOnlyList<ConformanceResult>[Mutants.Count];
        await Parallel.ForAsync(
            0,
            found.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (index, token) => found[index] = await FindFailuresAsync(Mutants[index], token));

        MutantMatrix matrix = new();
        foreach (var (mutant, failures) in Mutants.Zip(found))
        {
            matrix._catchers.Add(mutant, [.. failures.Select(failure => failure.Case)]);
            if (failures.Any(failure => !failure.EndedEarly && failure.Case.Name == Attribute(mutant).Owner))
            {
                matrix._foundByCheck.Add(mutant);
            }
        }

        return matrix;
    }

    /// <summary>Gets the cases that find a mutant.</summary>
    public IReadOnlyList<ConformanceCase> CatchersOf(Type mutant) => _catchers[mutant];

    /// <summary>Tells whether the case that owns a mutant has found it by what it checks, not by a mishap on the way.</summary>
    public bool IsFoundByCheck(Type mutant) => _foundByCheck.Contains(mutant);

    /// <summary>Tells whether a case finds a mutant that no other case finds.</summary>
    public bool IsOnlyCatcher(ConformanceCase conformanceCase) => _catchers.Values.Any(catchers => catchers is [var only] && only == conformanceCase);

    public static async Task<IReadOnlyList<ConformanceResult>> FindFailuresAsync(Type mutant, CancellationToken cancellationToken)
    {
        List<ConformanceResult> failures = [];
        foreach (var conformanceCase in Conformance.Cases)
        {
            var result = await conformanceCase.RunAsync(new MutantHarness(mutant, conformanceCase), cancellationToken);
            if (result.Outcome == ConformanceOutcome.Failed)
            {
                failures.Add(result);
            }
        }

        return failures;
    }
}
