using System.Collections.Concurrent;

namespace BuildRunner.Testing.Tests;

[Mutant("A1: Every member may be called concurrently", "keeps the last answer in a field shared by all calls")]
internal sealed class SharesItsLastAnswer(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private BuildSnapshot? _last;

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var snapshot = await base.StatusAsync(buildId, cancellationToken);
        if (!snapshot.Status.IsTerminal())
        {
            return snapshot;
        }

        Volatile.Write(ref _last, snapshot);
        if (Backend.IsOwnCase)
        {
            // In other cases fewer come, one after the other.
            Backend.Meet();
        }

        return Volatile.Read(ref _last)!;
    }
}

[Mutant("A1: One build may be asked for concurrently", "cannot handle two calls for one build at the same time")]
internal sealed class CountsOnOneCaller(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private readonly ConcurrentDictionary<BuildId, int> _callers = [];

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var callers = _callers.AddOrUpdate(buildId, 1, static (_, count) => count + 1);
        try
        {
            Backend.Meet();
            return callers == 1 ? await base.StatusAsync(buildId, cancellationToken) : throw new InvalidOperationException("An item with the same key has already been added.");
        }
        finally
        {
            _callers.AddOrUpdate(buildId, 0, static (_, count) => count - 1);
        }
    }
}

[Mutant("A1: Concurrent cancels stop their own builds and no others", "keeps the build to cancel in a field shared by all calls")]
internal sealed class SharesWhatItCancels(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private BuildId _last;

    public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        // Where there are not so many builds to stop, nobody else would come.
        if (Backend.LongRequests < MutantHarness.Callers)
        {
            return base.CancelAsync(buildId, cancellationToken);
        }

        _last = buildId;
        Backend.Meet();
        return base.CancelAsync(_last, cancellationToken);
    }
}

[Mutant("A2: A cancelled token ends a call by itself or not at all", "stops the build when the token of a status is cancelled")]
internal sealed class StopsTheBuildWithAStatus(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            await Inner.CancelAsync(buildId, CancellationToken.None);
        }

        return await base.StatusAsync(buildId, cancellationToken);
    }
}

[Mutant("A2: A cancelled token ends a call by itself or not at all", "throws another exception from Find when its token is cancelled")]
internal sealed class BreaksACancelledFind(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner), IBuildFinder
{
    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? throw new InvalidOperationException("The index is closed.") : Finder.FindAsync(triggerKey, cancellationToken);
}

[Mutant("A2: A cancelled token ends a call by itself or not at all", "wraps the cancellation of a token that was cancelled before the call")]
internal sealed class WrapsAnEarlyCancellation(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? throw Transient("The call was cancelled.") : base.StatusAsync(buildId, cancellationToken);
}

[Mutant("A2: A cancel that hangs is abandoned when its token is cancelled", "wraps the cancellation of a running call")]
internal sealed class WrapsALateCancellation(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var early = cancellationToken.IsCancellationRequested;
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!early)
        {
            throw Transient("The call was cancelled.", exception);
        }
    }
}

[Mutant("A2: A status that hangs is abandoned when its token is cancelled", "does not pass the token to its transport, which times out by itself")]
internal sealed class IgnoresTheToken(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private static readonly TimeSpan TransportTimeout = TimeSpan.FromSeconds(100);

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, CancellationToken.None).WaitAsync(TransportTimeout, Backend.Clock, CancellationToken.None);
        }
        catch (TimeoutException exception)
        {
            throw Transient("The backend has not answered.", exception);
        }
    }
}

[Mutant("A2: A trigger that hangs is abandoned when its token is cancelled", "treats an abandoned trigger as a lost answer")]
internal sealed class WrapsAnAbandonedTrigger(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var early = cancellationToken.IsCancellationRequested;
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!early)
        {
            throw new TriggerOutcomeUnknownException("The answer was lost.", exception);
        }
    }
}

[Mutant("A2: A trigger that hangs is abandoned when its token is cancelled", "checks the token of a trigger only before it begins")]
internal sealed class LooksAtTheTokenEarly(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private static readonly TimeSpan TransportTimeout = TimeSpan.FromSeconds(100);

    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await base.TriggerAsync(request, CancellationToken.None).WaitAsync(TransportTimeout, Backend.Clock, CancellationToken.None);
        }
        catch (TimeoutException exception)
        {
            throw new TriggerOutcomeUnknownException("The backend has not answered.", exception);
        }
    }
}

[Mutant("A2: The token of a trigger does not stop the build", "stops the build when the token of its trigger is cancelled")]
internal sealed class StopsTheBuildWithTheToken(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var buildId = await base.TriggerAsync(request, cancellationToken);
        cancellationToken.Register(() => _ = Inner.CancelAsync(buildId, CancellationToken.None));
        return buildId;
    }
}

[Mutant("A2: A time-out of the transport in Status is a transient error", "throws a timeout of its transport from Status as a cancellation")]
internal sealed class LetsATimeOutOutOfStatus(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException) when (Backend.LastFault == ConformanceFault.TimedOut)
        {
            throw new TaskCanceledException();
        }
    }
}

[Mutant("A2: A time-out of the transport in Cancel is a transient error", "throws a timeout of its transport from Cancel as a cancellation")]
internal sealed class LetsATimeOutOutOfCancel(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException) when (Backend.LastFault == ConformanceFault.TimedOut)
        {
            throw new TaskCanceledException();
        }
    }
}

[Mutant("A2: A time-out of the transport in Trigger is an unknown outcome or a transient error", "throws a timeout of its transport from Trigger as a cancellation")]
internal sealed class LetsATimeOutOutOfTrigger(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        throw (Backend.LastFault == ConformanceFault.TimedOut ? new TaskCanceledException() : exception);
}

[Mutant("A2: A time-out of the transport in Trigger is an unknown outcome or a transient error", "retries when its transport has timed out")]
internal sealed class TriesAgainAfterATimeOut(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        Backend.LastFault == ConformanceFault.TimedOut ? Inner.TriggerAsync(request) : throw exception;
}

[Mutant("A3: A rate limit in Status is transient and carries the backend's delay", "does not pass on the delay of a rate limit")]
internal sealed class DropsRetryAfter(MutantHarness backend, IBuildRunner inner) : RateLimitMutant(backend, inner, ConformanceCall.Status)
{
    protected override BuildRunnerException Translate(BuildRunnerException exception) => Transient("The backend is asked too often.");
}

[Mutant("A3: A rate limit in Status is transient and carries the backend's delay", "treats a rate limit as permanent")]
internal sealed class TakesARateLimitForFinal(MutantHarness backend, IBuildRunner inner) : RateLimitMutant(backend, inner, ConformanceCall.Status)
{
    protected override BuildRunnerException Translate(BuildRunnerException exception) =>
        new("The backend is asked too often.") { RetryAfter = exception.RetryAfter };
}

[Mutant("A3: A rate limit in Trigger is transient and carries the backend's delay", "reads the seconds of a delay as milliseconds")]
internal sealed class MistakesTheUnit(MutantHarness backend, IBuildRunner inner) : RateLimitMutant(backend, inner, ConformanceCall.Trigger)
{
    protected override BuildRunnerException Translate(BuildRunnerException exception) =>
        new("The backend is asked too often.") { IsTransient = true, RetryAfter = TimeSpan.FromMilliseconds(exception.RetryAfter!.Value.TotalSeconds) };
}

[Mutant("A3: A rate limit in Cancel is transient and carries the backend's delay", "does not pass on the delay of a rate limit for cancels")]
internal sealed class DropsRetryAfterOfACancel(MutantHarness backend, IBuildRunner inner) : RateLimitMutant(backend, inner, ConformanceCall.Cancel)
{
    protected override BuildRunnerException Translate(BuildRunnerException exception) => Transient("The backend is asked too often.");
}

/// <summary>A runner that is wrong in what it makes of a rate limit in one of its calls.</summary>
internal abstract class RateLimitMutant(MutantHarness backend, IBuildRunner inner, ConformanceCall call) : Mutant(backend, inner)
{
    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerException exception) when (call == ConformanceCall.Trigger && exception.RetryAfter is not null)
        {
            throw Translate(exception);
        }
    }

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException exception) when (call == ConformanceCall.Status && exception.RetryAfter is not null)
        {
            throw Translate(exception);
        }
    }

    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException exception) when (call == ConformanceCall.Cancel && exception.RetryAfter is not null)
        {
            throw Translate(exception);
        }
    }

    protected abstract BuildRunnerException Translate(BuildRunnerException exception);
}
