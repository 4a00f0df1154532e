using System.Diagnostics;
using System.Text;

namespace BuildRunner.Testing.Tests;

[Mutant("A4: No credential is in an exception", "names its token in the message of an exception")]
internal sealed class LeaksInAMessage(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception) => new BuildNotFoundException($"The token {Secret} does not see the build.");
}

[Mutant("A4: No credential is in an exception", "keeps the exception of its transport, which names its token")]
internal sealed class LeaksInAnInnerException(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception) => new BuildNotFoundException("It is not there.", new InvalidOperationException($"Authorization: {Secret}"));
}

[Mutant("A4: No credential is in an exception", "puts its token into the data of an inner exception")]
internal sealed class LeaksInData(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception) =>
        new BuildNotFoundException("It is not there.", new InvalidOperationException { Data = { ["authorization"] = Secret } });
}

[Mutant("A4: No credential is in an exception", "names its token when the answer to a trigger was lost")]
internal sealed class LeaksInALostAnswer(MutantHarness backend, IBuildRunner inner) : LostAnswerMutant(backend, inner)
{
    protected override Task<BuildId> LoseAsync(BuildRequest request, TriggerOutcomeUnknownException exception) =>
        throw new TriggerOutcomeUnknownException($"POST https://{Backend.Secrets[0]}@ci.example.com has no answer.");
}

[Mutant("A4: No credential is in an exception", "names its token in Base64 when a cancel fails")]
internal sealed class LeaksInAFailedCancel(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.CancelAsync(buildId, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception.IsTransient)
        {
            var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{Backend.Secrets[0]}"));
            throw new BuildRunnerException($"POST with Authorization: Basic {basic} failed.", exception) { BuildId = buildId, IsTransient = true, RetryAfter = exception.RetryAfter };
        }
    }
}

[Mutant("A4: No credential is in the metadata", "puts its token into the metadata of a failed build")]
internal sealed class LeaksInTheMetadataOfAFailure(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Failed ? snapshot with { Metadata = snapshot.Metadata.SetItems([new("reason", $"curl?token={Uri.EscapeDataString(Backend.Secrets[0])}")]) } : snapshot;
}

[Mutant("A4: No credential is in the metadata", "puts its token into the metadata")]
internal sealed class LeaksInMetadata(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.Url, $"https://{Backend.Secrets[0]}@ci.example.com/{buildId}")]) };
}

[Mutant("A4: No credential is in the log", "logs its token")]
internal sealed class LeaksInTheLog(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        Backend.Log.Enqueue($"GET {buildId} with {Secret}: not found");
        return exception;
    }
}

[Mutant("A4: No credential is in a trace", "tags an activity with its token")]
internal sealed class LeaksInATrace(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        using var activity = ObservedRunner.Traces.StartActivity("status");
        activity?.SetTag("authorization", Secret);
        return exception;
    }
}

[Mutant("A4: No credential is in a trace", "tags an activity with the headers of its request")]
internal sealed class LeaksInAListOfHeaders(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        using var activity = ObservedRunner.Traces.StartActivity("status");
        activity?.SetTag("http.request.header.authorization", new[] { $"Bearer {Secret}" });
        return exception;
    }
}

[Mutant("A4: No credential is in a trace", "names its token in an event of an activity")]
internal sealed class LeaksInAnEvent(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        using var activity = ObservedRunner.Traces.StartActivity("status");
        activity?.AddEvent(new ActivityEvent($"refused {Secret}"));
        return exception;
    }
}

[Mutant("A4: No credential is in the metadata", "puts its token into the metadata of a cancelled build")]
internal sealed class LeaksInTheMetadataOfACancel(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot.Status == BuildStatus.Cancelled ? snapshot with { Metadata = snapshot.Metadata.SetItems([new("by", Backend.Secrets[0])]) } : snapshot;
}

[Mutant("A4: No credential is in an exception", "names a session that it received during the call")]
internal sealed class LeaksASessionInAMessage(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception) => new BuildNotFoundException($"Cookie: session={Backend.Mint()}");
}

[Mutant("A4: No credential is in an exception", "names its token when a create is refused, and fails without a call after a rate limit")]
internal sealed class LeaksBehindAGate(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    private DateTimeOffset _until;

    public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var left = _until - Backend.Clock.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            throw new BuildRunnerException("It was asked to wait.") { IsTransient = true, RetryAfter = left };
        }

        try
        {
            return await base.TriggerAsync(request, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception.RetryAfter is { } wait)
        {
            _until = Backend.Clock.GetUtcNow() + wait;
            throw;
        }
        catch (BuildRunnerConfigurationException exception)
        {
            throw new BuildRunnerConfigurationException($"The token {Backend.Secrets[0]} was refused.", exception);
        }
    }
}

[Mutant("A4: No credential is in the metadata", "puts a session that it received during the call into the metadata")]
internal sealed class LeaksASessionInMetadata(MutantHarness backend, IBuildRunner inner) : SnapshotMutant(backend, inner)
{
    protected override BuildSnapshot Distort(BuildId buildId, BuildSnapshot snapshot) =>
        snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.Url, $"https://ci.example.com/{buildId}?session={Backend.Mint()}")]) };
}

[Mutant("A4: No credential is in the log", "logs a session that it received during the call")]
internal sealed class LeaksASessionInTheLog(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        Backend.Log.Enqueue($"Set-Cookie: session={Backend.Mint()}");
        return exception;
    }
}

[Mutant("A4: No credential is in a trace", "tags an activity with a session that it received during the call")]
internal sealed class LeaksASessionInATrace(MutantHarness backend, IBuildRunner inner) : LeakMutant(backend, inner)
{
    protected override Exception Leak(BuildId buildId, Exception exception)
    {
        using var activity = ObservedRunner.Traces.StartActivity("login");
        activity?.SetTag("http.response.header.set-cookie", $"session={Backend.Mint()}");
        return exception;
    }
}

/// <summary>A runner that shows its token when it does not find a build.</summary>
internal abstract class LeakMutant(MutantHarness backend, IBuildRunner inner) : Mutant(backend, inner)
{
    protected string Secret => Backend.Secrets[0];

    public override async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.StatusAsync(buildId, cancellationToken);
        }
        catch (BuildNotFoundException exception)
        {
            throw Leak(buildId, exception);
        }
    }

    protected abstract Exception Leak(BuildId buildId, Exception exception);
}
