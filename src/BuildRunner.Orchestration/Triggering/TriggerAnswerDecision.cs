using System.Collections.ObjectModel;

namespace BuildRunner.Orchestration;

/// <summary>Decides how the answer to a trigger changes a build, which may have changed meanwhile.</summary>
internal static class TriggerAnswerDecision
{
    // A superfluous build is cancelled first: nothing is decided until it is known whether it was.
    public static Step Decide(BuildReading reading, TriggerAnswer answer, bool? wasCancelled) => answer switch
    {
        { RemoteId: { } remoteId } => Adopt(reading, answer.Attempt, remoteId, wasCancelled),
        { Rejection: { } rejection } => Reject(reading, answer, rejection),
        _ => Unmark(reading, answer),
    };

    // Each attempt has a key of its own, so a build of another attempt is another build. Not so that of another mark.
    private static Step Adopt(BuildReading reading, int attempt, BuildId remoteId, bool? wasCancelled) => reading.Build switch
    {
        { } build when build.RemoteId == remoteId => Step.Leave(Outcome.Done),
        { RemoteId: null } build when build.Attempt == attempt && !build.Status.IsTerminal() =>
            Step.Save(build.Accepted(remoteId), Outcome.Done) with { Hastens = true },
        _ when wasCancelled is null => Step.Leave(outcome: null),
        null => Step.Leave(Outcome.Done),
        { } build => Step.Save(
            build.WithNote(wasCancelled.Value
                ? $"The runner also created '{remoteId}', which was cancelled."
                : $"The runner also created '{remoteId}', which could not be cancelled and may run on."),
            Outcome.Done),
    };

    // The runner created nothing.
    private static Step Reject(BuildReading reading, TriggerAnswer answer, BuildRunnerException rejection)
    {
        if (reading.Build is not { RemoteId: null } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (build.Bookkeeping.TriggerAttemptedAt is not { } mark)
        {
            // It was saved before, but the answer of the database was lost.
            return Step.Leave(Outcome.Postpone((build.Bookkeeping.NotBefore ?? reading.Now) - reading.Now));
        }

        if (mark != answer.Mark || build.Attempt != answer.Attempt)
        {
            // Another delivery has triggered since, with an unknown outcome.
            return Step.Leave(Outcome.Postpone(RunnerTimes.TriggerSettlesIn(answer.Client.Options)));
        }

        return rejection is { IsTransient: false } and not BuildRunnerConfigurationException
            ? Step.Save(build.Rejected(rejection.Message), Outcome.Done) with { IsVerdict = true }
            : FailedCallDecision.Pause(reading, answer.Client.Options, rejection, notBefore => build.Errored(notBefore).Marked(at: null));
    }

    private static Step Unmark(BuildReading reading, TriggerAnswer answer) =>
        reading.Build is { } build && build.Bookkeeping.TriggerAttemptedAt == answer.Mark && build.Attempt == answer.Attempt
            ? Step.Save(build.Marked(at: null), Outcome.Postpone(TimeSpan.Zero))
            : Step.Leave(Outcome.Postpone(TimeSpan.Zero));
}

/// <summary>Represents the outcome of a trigger or a look-up: a build, a rejection, or no call.</summary>
internal sealed class TriggerAnswer(
    BuildReading asked,
    RunnerClient client,
    BuildId? remoteId = null,
    BuildRunnerException? rejection = null)
{
    /// <summary>The build as last saved or read before the call, without what was read with it for its mark.</summary>
    public BuildReading Asked { get; } = asked with { Documents = ReadOnlyDictionary<string, BuildDocument?>.Empty };

    public RunnerClient Client => client;

    public BuildId? RemoteId => remoteId;

    public BuildRunnerException? Rejection => rejection;

    public Guid Id => Asked.Build!.Id;

    public int Attempt => Asked.Build!.Attempt;

    public DateTimeOffset? Mark => Asked.Build!.Bookkeeping.TriggerAttemptedAt;

    public string Text => remoteId?.Value ?? rejection?.Message ?? "not called";

    /// <summary>The cancel of a superfluous build, sent once however often saving is tried.</summary>
    public Task<bool>? Cancel { get; set; }
}
