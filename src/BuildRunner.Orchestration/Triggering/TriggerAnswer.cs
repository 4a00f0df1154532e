using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration;

/// <summary>What came of a trigger or a look-up: the runner has a build, or has rejected it, or was not called.</summary>
internal sealed class TriggerAnswer(
    BuildReading asked,
    RunnerClient client,
    BuildId? remoteId = null,
    BuildRunnerException? rejection = null)
{
    /// <summary>The build as it was last saved or read before the call.</summary>
    public BuildReading Asked => asked;

    public RunnerClient Client => client;

    public BuildId? RemoteId => remoteId;

    public BuildRunnerException? Rejection => rejection;

    public Guid Id => asked.Build!.Id;

    /// <summary>The mark under which the runner was called.</summary>
    public DateTimeOffset? Mark => asked.Build!.Bookkeeping.TriggerAttemptedAt;

    public string Text => remoteId?.Value ?? rejection?.Message ?? "not called";

    /// <summary>The cancel of what nobody needs, made once however often it takes to save what came of it.</summary>
    public Task<bool>? Cancel { get; set; }
}
