using System.Collections.ObjectModel;
using BuildRunner.Orchestration.Documents;
using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration;

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

    /// <summary>The mark of the call.</summary>
    public DateTimeOffset? Mark => Asked.Build!.Bookkeeping.TriggerAttemptedAt;

    public string Text => remoteId?.Value ?? rejection?.Message ?? "not called";

    /// <summary>The cancel of a superfluous build, sent once however often saving is tried.</summary>
    public Task<bool>? Cancel { get; set; }
}
