namespace BuildRunner.Orchestration;

/// <summary>Lets the steps of this process save a document one after the other, so that only processes get in each other's way. Safe for
/// use by several threads.</summary>
internal sealed class DocumentTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn. Dispose it after the save.</summary>
    public async Task<Lease> EnterAsync(string name, CancellationToken cancellationToken)
    {
        Turn turn;
        lock (_lock)
        {
            if (!_turns.TryGetValue(name, out turn!))
            {
                _turns.Add(name, turn = new(this, name));
            }

            turn.Users++;
        }

        var isFree = turn.Gate.Wait(0, CancellationToken.None);
        try
        {
            if (!isFree)
            {
                await turn.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Leave(turn);
            throw;
        }

        return new Lease(turn, hasWaited: !isFree);
    }

    private void Leave(Turn turn)
    {
        lock (_lock)
        {
            if (--turn.Users == 0)
            {
                _turns.Remove(turn.Name);
                turn.Gate.Dispose();
            }
        }
    }

    internal sealed class Lease : IDisposable
    {
        private readonly Turn _turn;

        internal Lease(Turn turn, bool hasWaited) => (_turn, HasWaited) = (turn, hasWaited);

        /// <summary>Whether another step may have saved the document meanwhile.</summary>
        public bool HasWaited { get; }

        public void Dispose()
        {
            _turn.Gate.Release();
            _turn.Turns.Leave(_turn);
        }
    }

    internal sealed class Turn(DocumentTurns turns, string name)
    {
        public DocumentTurns Turns => turns;

        public string Name => name;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }
}
