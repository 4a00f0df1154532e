namespace BuildRunner.Git.Merged;

/// <summary>Represents a trigger that is prepared at the remote.</summary>
/// <param name="Token">The token of the record.</param>
/// <param name="RecordId">The commit of the record.</param>
/// <param name="Record">The record. If it names a build, nothing is left to trigger.</param>
internal sealed record MergedTrigger(string Token, string RecordId, MergedRecord Record);
