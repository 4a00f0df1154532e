namespace BuildRunner.Orchestration;

/// <summary>Represents a decision about a group.</summary>
/// <param name="Changed">The group to save, or null to leave it unchanged.</param>
/// <param name="Cancels">The members to cancel before it is saved.</param>
/// <param name="Reason">Why they are cancelled.</param>
internal sealed record GroupStep(GroupState? Changed, IReadOnlyList<Guid> Cancels, string Reason);
