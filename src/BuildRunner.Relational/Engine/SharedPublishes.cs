using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Rules;

namespace BuildRunner.Relational;

/// <summary>Publishes small requests. Those that arrive while others run share one transaction: a commit takes longer than a row.</summary>
internal sealed class SharedPublishes
{
    private const int MostTransactions = 4;
    private const int LargestTransaction = 64;
    private const int MostMessages = 8;
    private const int MostBytes = 16 * 1024;

    private readonly QueueEngine _engine;
    private readonly RequestBatches<BatchRequest<IReadOnlyList<OutgoingMessage>, IReadOnlyList<PublishResult>>> _batches;

    public SharedPublishes(QueueEngine engine)
    {
        _engine = engine;
        _batches = new(MostTransactions, LargestTransaction, gathers: true, AnswerAsync);
    }

    /// <summary>Determines whether a request is small enough not to hold up others.</summary>
    public static bool IsSmall(IReadOnlyList<OutgoingMessage> messages) =>
        messages.Count <= MostMessages && messages.Sum(static message => (long)(message?.Message.Payload.Length ?? 0)) <= MostBytes;

    public Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        // A copy: a caller that cancels may change the list while the messages of others are published with it.
        BatchRequest<IReadOnlyList<OutgoingMessage>, IReadOnlyList<PublishResult>> request = new([.. messages], cancellationToken);
        _batches.Add(request);
        return request.Task.WaitAsync(cancellationToken);
    }

    private async Task AnswerAsync(List<BatchRequest<IReadOnlyList<OutgoingMessage>, IReadOnlyList<PublishResult>>> requests)
    {
        requests.RemoveAll(static request => request.IsGone);
        if (requests.Count > 0 && !await TryAnswerAsync(requests, isShared: true).ConfigureAwait(false))
        {
            // One of them cannot be stored, or its partition is locked. Nothing waits for them from now on: whoever has locked a partition
            // may itself wait for a later publish.
            requests.ForEach(request => _ = TryAnswerAsync([request], isShared: false));
        }
    }

    private async Task<bool> TryAnswerAsync(
        List<BatchRequest<IReadOnlyList<OutgoingMessage>, IReadOnlyList<PublishResult>>> requests, bool isShared)
    {
        // The caller of one must not cancel those of others.
        var cancellationToken = isShared ? CancellationToken.None : requests[0].CancellationToken;
        try
        {
            var results = await _engine.RunAsync(
                session =>
                {
                    session.IsShared = isShared;
                    return new PublishTransaction(session).RunAsync(
                        requests is [var only] ? only.Content : [.. requests.SelectMany(static request => request.Content)],
                        cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
            var from = 0;
            foreach (var request in requests)
            {
                request.SetResult([.. results.Skip(from).Take(request.Content.Count)]);
                from += request.Content.Count;
            }
        }
        catch (Exception exception) when (
            isShared && (exception is RowLockedException || (requests.Count > 1 && !_engine.IsAway(exception))))
        {
            return false;
        }
        catch (Exception exception)
        {
            requests.ForEach(request => request.Fail(exception));
        }

        return true;
    }
}
