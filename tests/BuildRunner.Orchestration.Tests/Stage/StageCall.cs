namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>A moment at which a process can be hit: just before a call of store, queue, runner or observer, or just after it was done or has failed and before the process knows.</summary>
internal sealed record StageCall(string Member, bool IsDone, string? Topic = null)
{
    /// <summary>Gets the topic of the message that is handled, or <see langword="null"/> for what a caller does. A test that waits for a call does not care in which step it is made.</summary>
    public string? Topic { get; } = Topic;

    public bool Equals(StageCall? other) => other is not null && Member == other.Member && IsDone == other.IsDone;

    public override int GetHashCode() => HashCode.Combine(Member, IsDone);
}
