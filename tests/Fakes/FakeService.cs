using System.Collections.Concurrent;

namespace BuildRunner.Fakes;

/// <summary>A service that a test plays. It keeps the requests, and a test can replace its replies.</summary>
internal abstract class FakeService
{
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private readonly List<Fault> _faults = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    public virtual FakeReply Handle(FakeRequest request)
    {
        _requests.Enqueue(request);
        return TakeFault(request) is { } fault
            ? fault.Answer(request, fault.Acts ? Reply(request) : FakeReply.Lost)
            : Reply(request);
    }

    /// <summary>Answers the next request that matches, or all, by a reply of the test.</summary>
    /// <param name="match">Which requests.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="acts">Whether the request has its effect.</param>
    /// <param name="stays">Whether all requests are answered so.</param>
    public void Fail(Func<FakeRequest, bool> match, FakeReply reply, bool acts = false, bool stays = false) =>
        Answer(match, (_, _) => reply, acts, stays);

    /// <summary>Answers the next request that matches, or all, by what the test makes of the service's own reply.</summary>
    public void Answer(
        Func<FakeRequest, bool> match, Func<FakeRequest, FakeReply, FakeReply> answer, bool acts = true, bool stays = false)
    {
        lock (_lock)
        {
            _faults.Add(new Fault(match, answer, acts, stays));
        }
    }

    public void MendAll()
    {
        lock (_lock)
        {
            _faults.Clear();
        }
    }

    /// <summary>Tells it the address that it is served at.</summary>
    public virtual void ServeAt(Uri address)
    {
    }

    /// <summary>Does what the request asks for, and replies as the service does.</summary>
    protected abstract FakeReply Reply(FakeRequest request);

    private Fault? TakeFault(FakeRequest request)
    {
        lock (_lock)
        {
            if (_faults.Find(fault => fault.Match(request)) is not { } fault)
            {
                return null;
            }

            if (!fault.Stays)
            {
                _faults.Remove(fault);
            }

            return fault;
        }
    }

    private sealed record Fault(Func<FakeRequest, bool> Match, Func<FakeRequest, FakeReply, FakeReply> Answer, bool Acts, bool Stays);
}
