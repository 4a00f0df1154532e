using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration;

/// <summary>What came of a trigger or a look-up: the runner has a build, or has rejected it, or was not called.</summary>
internal sealed record TriggerAnswer
{
    /// <summary>The build as it was last saved before the call.</summary>
    public required BuildReading Asked { get; init; }

    public required RunnerClient Client { get; init; }

    public required BuildMessages Messages { get; init; }

    public BuildId? RemoteId { get; init; }

    public BuildRunnerException? Rejection { get; init; }

    /// <summary>The cancel of what nobody needs, made once however often it takes to save what came of it.</summary>
    public Task<bool>? Cancel { get; set; }

    public Guid Id => Asked.Build!.Id;

    /// <summary>The mark under which the runner was called.</summary>
    public DateTimeOffset? Mark => Asked.Build!.Bookkeeping.TriggerAttemptedAt;

    public string Text => RemoteId?.Value ?? Rejection?.Message ?? "not called";
}
