using System.Collections.Concurrent;
using System.Reflection;

namespace BuildRunner.Testing.Tests;

/// <summary>The harness of a mutant, which is also what its instances share.</summary>
internal sealed class MutantHarness(Type mutant, ConformanceCase? conformanceCase = null) : FakeHarness
{
    public const int Callers = 8;

    private readonly TaskCompletionSource _allHere = new();
    private readonly MutantAttribute _attribute = mutant.GetCustomAttribute<MutantAttribute>()!;
    private int _here;

    public override BuildRunnerCapabilities Capabilities => base.Capabilities & ~_attribute.Without;

    // Enough for the slowest build, which goes on for a minute; a mutant that never stops is given up on sooner.
    public override int MaxWaits => 80;

    /// <summary>Gets how many calls are made at the same time. Who asks is about to make them.</summary>
    public override int ParallelCalls
    {
        get
        {
            IsParallel = true;
            return Callers;
        }
    }

    public bool IsParallel { get; private set; }

    /// <summary>Gets whether it is the case that owns the mutant which is run.</summary>
    public bool IsOwnCase => conformanceCase?.Name == _attribute.Owner;

    /// <summary>Gets the credentials that the mutant was given while it was asked something.</summary>
    public ConcurrentQueue<string> Minted { get; } = [];

    public override IReadOnlyList<string> Secrets => [.. base.Secrets, .. Minted];

    /// <summary>Gets or sets a number that the instances share.</summary>
    public int Count { get; set; }

    /// <summary>Gets what the ids that the mutant has given stand for.</summary>
    public ConcurrentDictionary<BuildId, BuildId> Aliases { get; } = [];

    /// <summary>Gets builds that the mutant has marked, and how often.</summary>
    public ConcurrentDictionary<BuildId, int> Marks { get; } = [];

    /// <summary>Gets builds that the mutant remembers under a text.</summary>
    public ConcurrentDictionary<string, BuildId> Remembered { get; } = [];

    /// <summary>Gets how many long builds were asked for.</summary>
    public int LongRequests { get; private set; }

    public override Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        LongRequests += build == ConformanceBuild.RunsLong ? 1 : 0;
        return base.CreateRequestAsync(build, cancellationToken);
    }

    public override IBuildRunner CreateRunner() => (IBuildRunner)Activator.CreateInstance(mutant, this, base.CreateRunner())!;

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken) =>
        base.SetUnheardOfStateAsync(Resolve(buildId), cancellationToken);

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken) =>
        base.GetAppliedChangesAsync(Resolve(buildId), cancellationToken);

    public BuildId Resolve(BuildId buildId) => Aliases.GetValueOrDefault(buildId, buildId);

    /// <summary>Gives the mutant a credential that nobody knew before.</summary>
    public string Mint()
    {
        var session = Guid.NewGuid().ToString("N");
        Minted.Enqueue(session);
        return session;
    }

    /// <summary>Counts how often a build was marked, this time included.</summary>
    public int Mark(BuildId buildId) => Marks.AddOrUpdate(buildId, 1, static (_, count) => count + 1);

    /// <summary>Holds the first calls that are made at the same time until all of them are here, so that a race is lost for certain. Calls that come alone pass.</summary>
    public void Meet()
    {
        if (!IsParallel)
        {
            return;
        }

        if (Interlocked.Increment(ref _here) == Callers)
        {
            _allHere.SetResult();
        }

        // Each of these callers has a thread of its own.
        if (!_allHere.Task.Wait(TimeSpan.FromMinutes(1)))
        {
            throw new InvalidOperationException($"Of {Callers} calls {_here} have come.");
        }
    }
}
