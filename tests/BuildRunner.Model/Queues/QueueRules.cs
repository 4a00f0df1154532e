namespace BuildRunner.Model.Queues;

/// <summary>The rules of the queue that can be seen in a state.</summary>
internal static class QueueRules
{
    /// <param name="state">The state.</param>
    /// <param name="offered">Gets the index of the message that a partition offers, or -1.</param>
    public static IEnumerable<string> Judge(QueueState state, Func<char, int> offered)
    {
        for (var index = 0; index < state.Rows.Count; index++)
        {
            var row = state.Rows[index];
            var others = state.Rows.Where((_, other) => other != index).Where(other => other.Partition == row.Partition).ToList();
            if (others.Any(other => other.Id == row.Id))
            {
                yield return "Q1: two messages with one identity";
            }

            if (row is { IsLeased: true, LeaseLeft: > 0 } && others.Any(static other => other is { IsLeased: true, LeaseLeft: > 0 }))
            {
                yield return "Q6: two leases in one partition";
            }

            if (row is { Due: 0, IsLeased: false } && offered(row.Partition) < 0 && !others.Any(static other => other.IsCurrent && !other.IsBackingOff))
            {
                yield return "Q5: a message that is due waits behind one that is tried again";
            }
        }
    }
}
