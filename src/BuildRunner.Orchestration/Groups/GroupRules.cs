namespace BuildRunner.Orchestration;

/// <summary>Validates submissions of groups.</summary>
internal static class GroupRules
{
    public static void ThrowIfInvalid(BuildGroupSubmission submission, NewBuilds builds)
    {
        ArgumentNullException.ThrowIfNull(submission);
        ArgumentNullException.ThrowIfNull(submission.Required, nameof(submission));
        ArgumentNullException.ThrowIfNull(submission.Optional, nameof(submission));
        SubmissionRules.ThrowIfUnfit(
            submission.Key,
            $"{nameof(BuildGroupSubmission)}.{nameof(submission.Key)}",
            nameof(submission),
            BuildGroupSubmission.MaxKeyLength);
        List<BuildSubmission> members = [.. submission.Required, .. submission.Optional];
        if (submission.Required.Count == 0 || members.Count > BuildGroupSubmission.MaxMembers)
        {
            throw new ArgumentException(
                $"The group '{submission.Key}' has {submission.Required.Count} required members and {members.Count} in all; it must have "
                + $"at least one that is required, and at most {BuildGroupSubmission.MaxMembers} in all.",
                nameof(submission));
        }

        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (var member in members)
        {
            builds.ThrowIfInvalid(member);
            ThrowUnless(member.OwnerId == members[0].OwnerId, "has another owner than the first member; give all the same.");
            ThrowUnless(keys.Add(member.Key), "is in the group twice; give each member its own key.");
            ThrowUnless(member.Supersedes is null, "supersedes others, which a member of a group cannot.");

            void ThrowUnless(bool holds, string problem)
            {
                if (!holds)
                {
                    throw new ArgumentException($"The build '{member.Key}' of the group '{submission.Key}' {problem}", nameof(submission));
                }
            }
        }
    }
}
