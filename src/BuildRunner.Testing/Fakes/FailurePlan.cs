namespace BuildRunner.Testing;

/// <summary>Holds the planned failures of one kind of call: first those for a single call each, in order, then the one for every call.
/// Called under the lock of the backend.</summary>
internal sealed class FailurePlan
{
    private readonly LinkedList<PlannedFailure> _next = new();
    private PlannedFailure? _every;

    public void AddNext(PlannedFailure failure) => _next.AddLast(failure);

    public void SetEvery(PlannedFailure failure) => _every = failure;

    public void Remove(PlannedFailure failure)
    {
        _next.Remove(failure);
        _every = _every == failure ? null : _every;
    }

    public PlannedFailure? Take()
    {
        var taken = _next.First?.Value ?? _every;
        if (taken != _every)
        {
            _next.RemoveFirst();
        }

        taken?.Reach();
        return taken;
    }
}
