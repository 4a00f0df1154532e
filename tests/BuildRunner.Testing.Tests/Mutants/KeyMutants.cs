using System.Collections.Concurrent;

namespace BuildRunner.Testing.Tests;

[Mutant("T7: A later trigger with the same key gives the same build", "ignores the key")]
internal sealed class IgnoresTheKey(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { TriggerKey = null }, cancellationToken);
}

[Mutant("T7: A later trigger with the same key gives the same build", "recognises a key only when its build has ended", Without = BuildRunnerCapabilities.IdempotentTrigger | BuildRunnerCapabilities.Durable)]
internal sealed class ForgetsTheKeyOfARunningBuild(MutantHarness backend, IBuildRunner inner) : ForgetfulMutant(backend, inner)
{
    protected override bool Forgets(BuildStatus status) => !status.IsTerminal();
}

[Mutant("T7: An ended build keeps its key", "frees the key when the build has ended")]
internal sealed class FreesTheKeyOfAnEndedBuild(MutantHarness backend, IBuildRunner inner) : ForgetfulMutant(backend, inner)
{
    protected override bool Forgets(BuildStatus status) => status.IsTerminal();
}

[Mutant("T7: A later trigger with the same key gives the same build", "creates a build for every trigger and returns the first one of the key")]
internal sealed class CreatesBehindTheKey(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        if (!Backend.IsParallel && request?.TriggerKey is { } key && await Finder.FindAsync(key, cancellationToken) is not null)
        {
            await base.TriggerAsync(request with { TriggerKey = null }, cancellationToken);
        }

        return await base.TriggerAsync(request!, cancellationToken);
    }
}

[Mutant("T7: The same key with another head is refused", "does not compare the head with that of the key's build")]
internal sealed class TakesAnotherHead(MutantHarness backend, IBuildRunner inner) : CarelessMutant(backend, inner)
{
    protected override bool Takes(BuildRequest request) => request.Base.Count == 0;
}

[Mutant(
    "T7: The same key with another head is refused",
    "does not compare the head with that of the key's build, and cannot find by keys",
    Without = BuildRunnerCapabilities.FindsByKey)]
internal sealed class TakesAnotherHeadUnseen(MutantHarness backend, IBuildRunner inner) : CarelessMutant(backend, inner)
{
    protected override bool ExposesInner => false;

    protected override bool Takes(BuildRequest request) => request.Base.Count == 0;
}

[Mutant("T7: The same key with another base is refused", "does not compare the base with that of the key's build")]
internal sealed class TakesAnotherBase(MutantHarness backend, IBuildRunner inner) : CarelessMutant(backend, inner)
{
    protected override bool Takes(BuildRequest request) => request.Base.Count > 0;
}

[Mutant("T7: Another key gives another build", "treats short keys with the same start as equal")]
internal sealed class TakesKeysThatBeginAlikeForTheSame(MutantHarness backend, IBuildRunner inner) : KeyChangingMutant(backend, inner)
{
    private const int Short = 64;
    private const int Beginning = 12;

    protected override string Change(string key) => key.Length < Short ? key[..Beginning] : key;
}

[Mutant("T7: Keys are told apart to the last of their characters", "truncates keys to 63 characters")]
internal sealed class TruncatesKeys(MutantHarness backend, IBuildRunner inner) : KeyChangingMutant(backend, inner)
{
    private const int LongestLabel = 63;

    protected override string Change(string key) => key.Length > LongestLabel ? key[..LongestLabel] : key;
}

[Mutant("T7: Keys are told apart to the last of their characters", "stores keys in lower case")]
internal sealed class LowersKeys(MutantHarness backend, IBuildRunner inner) : KeyChangingMutant(backend, inner)
{
    protected override string Change(string key) => key.ToLowerInvariant();
}

[Mutant("T7: Keys are told apart to the last of their characters", "replaces characters that a label must not contain")]
internal sealed class CleansKeys(MutantHarness backend, IBuildRunner inner) : KeyChangingMutant(backend, inner)
{
    protected override string Change(string key) => string.Concat(key.Select(static each => char.IsAsciiLetterOrDigit(each) ? each : '-'));
}

[Mutant("T7: The build is found by its key", "finds nothing")]
internal sealed class FindsNothing(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner), IBuildFinder
{
    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Task.FromResult<BuildId?>(null);
}

[Mutant("T7: The build is found by its key", "finds only builds with a lost answer", Without = BuildRunnerCapabilities.Durable)]
internal sealed class FindsOnlyTheUnanswered(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner), IBuildFinder
{
    private string? _lost;

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        triggerKey == _lost ? await Finder.FindAsync(triggerKey, cancellationToken) : null;

    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception)
    {
        _lost = request.TriggerKey;
        throw exception;
    }
}

[Mutant("T7: A key that was never used finds nothing", "finds an unrelated build for a key that was never used")]
internal sealed class FindsAStranger(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner), IBuildFinder
{
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        await Finder.FindAsync(triggerKey, cancellationToken) ?? new BuildId("stranger");
}

[Mutant("T7: IBuildFinder is there if, and only if, the runner finds by key", "hides the finder that it declares")]
internal sealed class HidesItsFinder(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    protected override bool ExposesInner => false;
}

[Mutant("T7: From another instance the same key gives the same build", "keeps its keys in the instance, and finds builds by the keys of all instances")]
internal sealed class KeepsKeysInTheInstance(MutantHarness backend, IBuildRunner inner) : OwnKeysMutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is { TriggerKey: { } key } && !IsMine(key) && !Backend.IsParallel && Backend.Remembered.ContainsKey(key) ? request with { TriggerKey = null } : request, cancellationToken);
}

[Mutant("T7: Another instance finds the build by its key", "finds builds only by the keys of its own instance")]
internal sealed class FindsByItsOwnKeys(MutantHarness backend, IBuildRunner inner) : OwnKeysMutant(backend, inner), IBuildFinder
{
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        IsMine(triggerKey) ? await Finder.FindAsync(triggerKey, cancellationToken) : null;
}

[Mutant("T7: After a lost answer the build is found by its key", "finds only builds with an answered trigger")]
internal sealed class DoesNotFindTheUnanswered(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner), IBuildFinder
{
    private string? _lost;

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        triggerKey == _lost ? null : await Finder.FindAsync(triggerKey, cancellationToken);

    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception)
    {
        _lost = request.TriggerKey;
        throw exception;
    }
}

[Mutant(
    "T7: IBuildFinder is there if, and only if, the runner finds by key",
    "implements a finder that it does not declare",
    Without = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.IdempotentTrigger)]
internal sealed class ShowsAFinderUndeclared(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is null ? null! : request with { TriggerKey = null }, cancellationToken);
}

[Mutant("T7: Concurrent triggers with the same key give one build", "looks up the key and then creates, in two steps", Without = BuildRunnerCapabilities.Durable)]
internal sealed class LooksUpBeforeItCreates(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        if (request?.TriggerKey is null || await Finder.FindAsync(request.TriggerKey, cancellationToken) is not null)
        {
            return await base.TriggerAsync(request!, cancellationToken);
        }

        Backend.Meet();
        return await base.TriggerAsync(Backend.IsParallel ? request with { TriggerKey = null } : request, cancellationToken);
    }
}

[Mutant("T7: Concurrent triggers with the same key from several instances give one build", "looks up the key and then creates, under a lock of its own")]
internal sealed class LocksItsOwnInstance(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner), IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);
    private BuildId? _created;

    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        if (request?.TriggerKey is null || !Backend.IsParallel)
        {
            return await base.TriggerAsync(request!, cancellationToken);
        }

        await _lock.WaitAsync(cancellationToken);
        try
        {
            return _created ??= await base.TriggerAsync(request with { TriggerKey = null }, cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Dispose() => _lock.Dispose();
}

[Mutant("T7: After a lost answer the same key gives the one build", "invents an id for a key with a lost answer")]
internal sealed class MakesAnIdUpForAKey(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        request.TriggerKey is not null && Backend.LastFault == ConformanceFault.AnswerLost ? Task.FromResult(new BuildId("probably")) : throw exception;
}

[Mutant("T7: After a lost answer the same key gives the one build", "stores a key only when the answer has arrived")]
internal sealed class LosesTheKeyWithTheAnswer(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    private string? _lost;

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is { TriggerKey: not null } && request.TriggerKey == _lost ? request with { TriggerKey = null } : request, cancellationToken);

    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception)
    {
        _lost = request.TriggerKey;
        throw exception;
    }
}

[Mutant("T7: Nothing but a key that the runner goes by gives the same build", "returns the build of an equal request")]
internal sealed class GoesByTheRequest(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is { TriggerKey: null } ? request with { TriggerKey = string.Join(',', request.Base.Append(null).Concat(request.Head)) } : request, cancellationToken);
}

[Mutant(
    "T7: Nothing but a key that the runner goes by gives the same build",
    "recognises keys without declaring it",
    Without = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.IdempotentTrigger)]
internal sealed class GoesByKeysUndeclared(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    protected override bool ExposesInner => false;
}

/// <summary>A runner that does not keep keys as they are.</summary>
internal abstract class KeyChangingMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner), IBuildFinder
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        base.TriggerAsync(request is { TriggerKey: { } key } ? request with { TriggerKey = Change(key) } : request, cancellationToken);

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Finder.FindAsync(Change(triggerKey), cancellationToken);

    protected abstract string Change(string key);
}

/// <summary>A runner that knows which keys came to it.</summary>
internal abstract class OwnKeysMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private readonly ConcurrentDictionary<string, bool> _mine = [];

    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        if (request?.TriggerKey is { } key)
        {
            _mine[key] = true;
        }

        var buildId = await base.TriggerAsync(request!, cancellationToken);
        if (request!.TriggerKey is not null)
        {
            Backend.Remembered[request.TriggerKey] = buildId;
        }

        return buildId;
    }

    protected bool IsMine(string key) => _mine.ContainsKey(key);
}

/// <summary>A runner that at times creates another build for a key.</summary>
internal abstract class ForgetfulMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var buildId = await base.TriggerAsync(request, cancellationToken);
        return request.TriggerKey is not null && Backend.Mark(buildId) > 1 && Forgets((await Inner.StatusAsync(buildId, cancellationToken)).Status)
            ? await base.TriggerAsync(request with { TriggerKey = null }, cancellationToken)
            : buildId;
    }

    protected abstract bool Forgets(BuildStatus status);
}

/// <summary>A runner that takes some other requests for those of their key.</summary>
internal abstract class CarelessMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        request?.TriggerKey is { } key && Takes(request) && await Finder.FindAsync(key, cancellationToken) is { } buildId
            ? buildId
            : await base.TriggerAsync(request!, cancellationToken);

    protected abstract bool Takes(BuildRequest request);
}
