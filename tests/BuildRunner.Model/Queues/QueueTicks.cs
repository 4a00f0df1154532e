using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Queues;

/// <summary>The clock of the queue's model.</summary>
internal static class QueueTicks
{
    /// <summary>How long a lease is.</summary>
    public const sbyte Lease = 1;

    public static IEnumerable<Step<QueueState>> From(QueueState state)
    {
        if (state.Ticks == 0)
        {
            yield break;
        }

        // Each holder that lives renews its lease, or does not come to it.
        var renewing = Enumerable.Range(0, 2).Where(consumer => state[consumer] is { IsValid: true }).ToList();
        for (var mask = 0; mask < 1 << renewing.Count; mask++)
        {
            var rows = state.Rows;
            for (var index = 0; index < rows.Count; index++)
            {
                var row = rows[index];
                var isRenewed = row.LeaseLeft > 0 && renewing.IndexOf(row.Holder) is >= 0 and var bit && (mask & (1 << bit)) != 0;
                rows = rows.With(index, row with
                {
                    Due = Less(row.Due),
                    Wake = row.Wake > 0 ? Less(row.Wake) : row.Wake,
                    Owed = row.Owed > 0 ? Less(row.Owed) : row.Owed,
                    Earliest = Less(row.Earliest),
                    BackoffLeft = Less(row.BackoffLeft),
                    LeaseLeft = isRenewed ? Lease : Less(row.LeaseLeft),
                });
            }

            yield return Step.Fault($"tick, renewing {mask:b}", state with { Rows = rows, Ticks = (byte)(state.Ticks - 1) });
        }

        static sbyte Less(sbyte time) => (sbyte)Math.Max(0, time - 1);
    }
}
