using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>The actions of all processes.</summary>
internal sealed class History
{
    private readonly Dictionary<long, ClaimRecord> _byToken = [];

    public History(IEnumerable<IEnumerable<Entry>> journals)
    {
        var process = 0;
        foreach (var journal in journals)
        {
            Read([.. journal], process++);
        }
    }

    public IReadOnlyCollection<ClaimRecord> Claims => _byToken.Values;

    public Dictionary<(Incarnation Message, int Deliveries), Verdict> Verdicts { get; } = [];

    /// <summary>Gets what was asked to be published, and whether that was acknowledged.</summary>
    public List<(Entry.Sent Message, long At, bool IsAcknowledged)> OutgoingMessages { get; } = [];

    private void Read(IReadOnlyList<Entry> entries, int process)
    {
        var acknowledged = entries.OfType<Entry.Acknowledged>().Select(static entry => entry.Number).ToHashSet();
        Dictionary<int, List<SettlementRecord>> settling = [];
        foreach (var entry in entries)
        {
            switch (entry)
            {
                case Entry.Publishing publishing:
                    OutgoingMessages.AddRange(publishing.Messages.Select(message => (message, publishing.At, acknowledged.Contains(publishing.Number))));
                    break;
                case Entry.Exchanging exchanging:
                    settling[exchanging.Number] = [.. exchanging.Settlements.Select(settled => Add(settled, exchanging.At))];
                    break;
                case Entry.RoundDone exchanged:
                    Add(exchanged, settling.GetValueOrDefault(exchanged.Number, []), process);
                    break;
                case Entry.Handled handled:
                    Verdicts[(handled.Message, handled.Deliveries)] = handled.Verdict;
                    break;
            }
        }
    }

    private SettlementRecord Add(Entry.Settled settled, long at)
    {
        SettlementRecord settlement = new(settled.Kind, settled.Delay, at, settled.IsRepeated);
        var claim = _byToken[settled.Token];
        (settled.IsRepeated ? claim.Repeated : claim.Settlements).Add(settlement);
        return settlement;
    }

    private void Add(Entry.RoundDone exchanged, List<SettlementRecord> settlements, int process)
    {
        foreach (var (settlement, result) in settlements.Zip(exchanged.Settlements))
        {
            settlement.Result = result;
            settlement.At = exchanged.At;
        }

        foreach (var claimed in exchanged.Claims)
        {
            _byToken.Add(claimed.Token, new ClaimRecord(claimed, exchanged.BeganAt, exchanged.At, process));
        }
    }
}
