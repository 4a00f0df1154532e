using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Queues;

/// <summary>The rules of the queue (Q1 to Q9): every interleaving of publishes, claims, settlements, crashes, lapses, redrives and the clock.</summary>
/// <param name="start">The identities, how often each is published, and what else may happen.</param>
/// <param name="identities">The partition and the id of each.</param>
/// <param name="delays">The delays of a publish.</param>
/// <param name="mutation">The mistake, if any.</param>
internal sealed class QueueModel(QueueState start, IReadOnlyList<(char Partition, char Id)> identities, IReadOnlyList<sbyte> delays, QueueMutation mutation = QueueMutation.None) : IModel<QueueState>
{
    private const int MaxAttempts = 2;
    private const sbyte Pause = 2;

    public QueueState Start => start;

    public IEnumerable<Step<QueueState>> StepsFrom(QueueState state) =>
        PublishesFrom(state).Concat(ClaimsFrom(state)).Concat(SettlementsFrom(state)).Concat(LapsesFrom(state)).Concat(QueueTicks.From(state)).Concat(LettersFrom(state));

    public IEnumerable<string> Judge(QueueState state, bool isEnd) => QueueRules.Judge(state, partition => Offered(state, partition));

    // The current message, else the one that became due first.
    private int Offered(QueueState state, char partition)
    {
        var offered = -1;
        for (var index = 0; index < state.Rows.Count; index++)
        {
            var row = state.Rows[index];
            if (row.Partition != partition)
            {
                continue;
            }

            if (row.IsLeased && mutation != QueueMutation.LeaseHoldsNothing)
            {
                return -1;
            }

            if (row.IsCurrent && !row.IsLeased)
            {
                return row.Due == 0 ? index : -1;
            }

            offered = row is { IsLeased: false, Due: 0 } && offered < 0 ? index : offered;
        }

        return offered;
    }

    private static string NameOf(Row row) => $"{row.Partition}{row.Id}";

    private static sbyte Earlier(sbyte wake, sbyte time) => wake < 0 || time < wake ? time : wake;

    private IEnumerable<Step<QueueState>> PublishesFrom(QueueState state)
    {
        for (var identity = 0; identity < identities.Count; identity++)
        {
            if (state.Publishes[identity] == 0)
            {
                continue;
            }

            var (partition, id) = identities[identity];
            foreach (var delay in delays)
            {
                var published = state with { Publishes = state.Publishes.With(identity, (byte)(state.Publishes[identity] - 1)) };
                yield return Step.Fault($"publish {partition}{id} in {delay}", Published(published, partition, id, delay));
            }
        }
    }

    private QueueState Published(QueueState state, char partition, char id, sbyte delay)
    {
        var index = state.Find(partition, id);
        var due = mutation == QueueMutation.RoundsDown ? (sbyte)0 : delay;
        if (index < 0 || mutation == QueueMutation.StoresDuplicates)
        {
            Row added = new() { Partition = partition, Id = id, Due = due, Wake = -1, Holder = -1, Owed = delay, Earliest = delay };
            return state with { Rows = state.Rows.Plus(added) };
        }

        var row = state.Rows[index];
        var owed = Earlier(row.Owed, delay);
        row = row.IsLeased ? row with { Owed = owed, Wake = Earlier(row.Wake, mutation == QueueMutation.WakeIsFlag ? (sbyte)0 : delay) }
            : row.IsBackingOff && mutation != QueueMutation.DuplicateEndsBackoff ? row with { Owed = owed }
            : row with { Owed = owed, Due = Math.Min(row.Due, due), Earliest = Math.Min(row.Earliest, delay) };
        return state with { Rows = state.Rows.With(index, row) };
    }

    private IEnumerable<Step<QueueState>> ClaimsFrom(QueueState state)
    {
        var consumer = state.First is null ? 0 : 1;
        if (state[consumer] is not null)
        {
            yield break;
        }

        foreach (var partition in identities.Select(static identity => identity.Partition).Distinct())
        {
            var index = Offered(state, partition);
            if (index < 0)
            {
                continue;
            }

            var row = state.Rows[index];
            var violation = row.Earliest > 0 ? "Q3/Q9: delivered before every time that was asked for"
                : row.BackoffLeft > 0 ? "Q2b: a duplicate ended the pause after a failure"
                : state.Rows.Any(other => other.Partition == partition && other is { IsCurrent: true, IsLeased: false } && other.Id != row.Id) ? "Q4: delivered before the one that holds the partition"
                : null;
            var claimed = row with
            {
                IsCurrent = true,
                IsBackingOff = false,
                Holder = (sbyte)consumer,
                LeaseLeft = QueueTicks.Lease,
                Owed = -1,
                Earliest = 0,
                BackoffLeft = 0,
            };
            yield return Step.Of(
                $"{consumer} claims {NameOf(row)}",
                state.With(consumer, new(partition, row.Id, IsValid: true)) with { Rows = state.Rows.With(index, claimed) },
                violation);
        }
    }

    private IEnumerable<Step<QueueState>> SettlementsFrom(QueueState state)
    {
        for (var consumer = 0; consumer < 2; consumer++)
        {
            if (state[consumer] is not { } hold)
            {
                continue;
            }

            var free = state.With(consumer, null);
            var index = state.Rows.IndexOf(row => row.Partition == hold.Partition && row.Id == hold.Id && (row.Holder == consumer || (mutation == QueueMutation.StaleSettles && row.IsLeased)));
            if (index < 0 || (!hold.IsValid && mutation != QueueMutation.StaleSettles))
            {
                yield return new($"{consumer} settles with a stale token", free);
                continue;
            }

            var (row, name) = (state.Rows[index], NameOf(state.Rows[index]));
            var stale = row.Holder != consumer ? "Q7: a stale token has settled what another holds" : null;
            var settled = row with { Holder = -1, LeaseLeft = 0, IsCurrent = false, IsQuarantined = false, Wake = -1 };
            yield return Step.Of(
                $"{consumer} finishes {name}",
                free with { Rows = Finished(free, index, settled, row) },
                stale ?? LossOf(row));

            var due = row.Wake >= 0 ? Math.Min(row.Wake, Pause) : Pause;
            var postponed = settled with
            {
                Due = due,
                Failures = 0,
                IsCurrent = mutation != QueueMutation.PostponeStepsAside,
                Earliest = row.Owed >= 0 ? Math.Min(row.Owed, Pause) : Pause,
            };
            yield return new($"{consumer} postpones {name}", free with { Rows = state.Rows.With(index, postponed) })
            {
                Violation = mutation == QueueMutation.PostponeStepsAside && state.Rows.Any(other => other.Partition == row.Partition && other.Id != row.Id && other.Due == 0) ? "Q4: a postponed message does not hold its partition"
                    : due < Pause && row.Owed < 0 ? "Q2: a postpone is cut short, and nothing was published" : null,
            };
            yield return Retry(free, index, settled, row, $"{consumer} fails {name}");
            yield return Buried(free, index, settled, row, $"{consumer} rejects {name}");
            yield return Step.Fault(
                $"{consumer} hands back {name}",
                free with { Rows = state.Rows.With(index, row with { Holder = -1, LeaseLeft = 0, Wake = -1, Owed = row.Owed >= 0 ? (sbyte)0 : row.Owed }) });
            if (state.Crashes > 0)
            {
                yield return Step.Fault(
                    $"{consumer} crashes with {name}",
                    free with { Crashes = (byte)(state.Crashes - 1), Rows = state.Rows.With(index, row with { Holder = Row.Dead }) });
            }

            if (row.LeaseLeft == 0 && mutation == QueueMutation.RenewsLapsed)
            {
                yield return Step.Of(
                    $"{consumer} renews {name}",
                    state with { Rows = state.Rows.With(index, row with { LeaseLeft = QueueTicks.Lease }) },
                    "Q7: a lease that has lapsed is renewed");
            }
        }
    }

    private string? LossOf(Row row) => row.Owed >= 0 && (row.Wake < 0 || mutation == QueueMutation.DoneForgetsWake) ? "Q2: a wake is lost" : null;

    // What was published while it was handled is there as a new message.
    private Items<Row> Finished(QueueState state, int index, Row settled, Row row)
    {
        var rest = state.Rows.Without(index);
        return row.Wake < 0 || mutation == QueueMutation.DoneForgetsWake ? rest : rest.Plus(settled with
        {
            Due = row.Wake,
            Failures = 0,
            Earliest = Math.Max((sbyte)0, row.Owed),
        });
    }

    private Step<QueueState> Retry(QueueState free, int index, Row settled, Row row, string name)
    {
        if (row.Failures + 1 >= MaxAttempts)
        {
            return Buried(free, index, settled, row, name);
        }

        var failed = settled with
        {
            Failures = (byte)(row.Failures + 1),
            Due = Pause,
            IsBackingOff = true,
            BackoffLeft = Pause,
            IsCurrent = mutation == QueueMutation.RetryHolds,
            Wake = mutation == QueueMutation.RetryKeepsWake ? row.Wake : (sbyte)-1,
        };
        return new(name, free with { Rows = free.Rows.With(index, failed) });
    }

    private Step<QueueState> Buried(QueueState free, int index, Row settled, Row row, string name)
    {
        var old = free.Letters.IndexOf(letter => letter.Partition == row.Partition && letter.Id == row.Id);
        Letter moved = new(row.Partition, row.Id, old >= 0 && free.Letters[old].IsLeased && mutation == QueueMutation.LetterKeepsLease, IsNew: true);
        var letters = old >= 0 && mutation != QueueMutation.InsertsLetter ? free.Letters.Without(old).Plus(moved) : free.Letters.Plus(moved);
        return new($"{name}: a dead letter", free with { Rows = Finished(free, index, settled, row), Letters = letters })
        {
            Violation = old >= 0 && mutation == QueueMutation.InsertsLetter ? "Q8: two dead letters with one identity"
                : LossOf(row),
        };
    }

    // A lapse is a step of its own. The first one quarantines, each further one is a failure.
    private IEnumerable<Step<QueueState>> LapsesFrom(QueueState state)
    {
        for (var index = 0; index < state.Rows.Count; index++)
        {
            var row = state.Rows[index];
            if (!row.IsLeased || row.LeaseLeft > 0)
            {
                continue;
            }

            var free = row.Holder < 2 ? state.With(row.Holder, state[row.Holder]!.Value with { IsValid = false }) : state;
            var counts = row.IsQuarantined || mutation == QueueMutation.FirstLapseCounts;
            var failures = (byte)(row.Failures + (counts ? 1 : 0));
            var settled = row with { Holder = -1, IsCurrent = false, Wake = -1 };
            var name = $"the lease of {NameOf(row)} lapses";
            var violation = counts && !row.IsQuarantined ? "Q7: the first lapse is counted" : null;
            yield return failures >= MaxAttempts
                ? Buried(free, index, settled with { IsQuarantined = false }, row, name) with { Violation = violation }
                : Step.Of(
                    name,
                    free with { Rows = state.Rows.With(index, settled with { Failures = failures, IsQuarantined = true, IsBackingOff = true, Due = Pause, BackoffLeft = Pause }) },
                    violation);
        }
    }

    private IEnumerable<Step<QueueState>> LettersFrom(QueueState state)
    {
        if (state.OfLetters is { } hold)
        {
            var held = state.Letters.IndexOf(letter => letter.Partition == hold.Partition && letter.Id == hold.Id && letter.IsLeased);
            yield return held < 0 ? new("a dead letter is settled with a stale token", state with { OfLetters = null })
                : new(
                    $"the dead letter {hold.Partition}{hold.Id} is done",
                    state with { OfLetters = null, Letters = state.Letters.Without(held) })
                {
                    Violation = state.Letters[held].IsNew ? "Q8: a dead letter is deleted that nobody was offered" : null,
                };
            yield break;
        }

        for (var index = 0; index < state.Letters.Count; index++)
        {
            var letter = state.Letters[index];
            yield return new(
                $"the dead letter {letter.Partition}{letter.Id} is claimed",
                state with
                {
                    OfLetters = new(letter.Partition, letter.Id, true),
                    Letters = state.Letters.With(index, letter with { IsLeased = true, IsNew = false }),
                });
            if (state.Redrives > 0)
            {
                var taken = state with { Redrives = (byte)(state.Redrives - 1), Letters = state.Letters.Without(index) };
                yield return Step.Fault($"{letter.Partition}{letter.Id} is redriven", Published(taken, letter.Partition, letter.Id, 0));
            }
        }
    }
}
