using System.Collections.Concurrent;

namespace BuildRunner.Testing.Tests;

[Mutant(Owner, "treats a negative age as zero")]
internal sealed class TakesANegativeAge(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public const string Owner = "S1: IBuildStatusReader tells ids as Status does, and refuses a negative age";

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default) =>
        base.StatusAsync(buildId, maxAge < TimeSpan.Zero ? TimeSpan.Zero : maxAge, cancellationToken);
}

[Mutant(TakesANegativeAge.Owner, "reports success for a default id by age")]
internal sealed class ReadsADefaultId(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default) =>
        buildId.IsDefault ? new BuildSnapshot { Status = BuildStatus.Succeeded } : await base.StatusAsync(buildId, maxAge, cancellationToken);
}

[Mutant(TakesANegativeAge.Owner, "reports a build that it does not know as Unknown by age")]
internal sealed class ReadsAnUnknownId(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, maxAge, cancellationToken);
        }
        catch (BuildNotFoundException)
        {
            return new BuildSnapshot { Status = BuildStatus.Unknown };
        }
    }
}

[Mutant("S1: IBuildStatusReader with an age of zero answers from a read that began after the call", "answers from an earlier read regardless of the age")]
internal sealed class IgnoresTheAge(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private readonly ConcurrentDictionary<BuildId, BuildSnapshot> _read = new();

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        _read[buildId] = await base.StatusAsync(buildId, cancellationToken);

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default) =>
        maxAge >= TimeSpan.Zero && _read.TryGetValue(buildId, out var read) ? read : await base.StatusAsync(buildId, maxAge, cancellationToken);
}
