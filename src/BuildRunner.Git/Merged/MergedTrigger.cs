namespace BuildRunner.Git.Merged;

/// <summary>What was prepared for a trigger, at the remote.</summary>
/// <param name="Token">The token of the record.</param>
/// <param name="RecordId">The commit of the record.</param>
/// <param name="Record">The record. It names the build where there is nothing left to trigger.</param>
internal sealed record MergedTrigger(string Token, string RecordId, MergedRecord Record);
