namespace BuildRunner.Orchestration.Soak;

/// <summary>One line to the CI. Each has a connection of its own, which ends with the answer or without one.</summary>
internal sealed record CiRequest(CiOperation Operation, string Runner)
{
    /// <summary>Gets when it was sent, by the clock that all processes of a machine share.</summary>
    public long SentAt { get; init; }

    /// <summary>Gets the process that has sent it.</summary>
    public int Process { get; init; }

    public BuildRequest? Request { get; init; }

    public BuildId? BuildId { get; init; }

    public string? Key { get; init; }

    public Wake? Wake { get; init; }
}
