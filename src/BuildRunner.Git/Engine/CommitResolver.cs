using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Finds the commits of triggers, with one git for all that have come while the last one ran: hundreds at once would only be in each other's way.</summary>
/// <param name="askAsync">Asks about the target and some ids, none of them twice. Cancelled when nobody waits for the answer any more.</param>
internal sealed class CommitResolver(Func<IReadOnlyList<string>, CancellationToken, Task<ResolvedCommits>> askAsync)
{
    private readonly Lock _lock = new();
    private List<Question> _waiting = [];
    private bool _isAsking;

    /// <summary>Gets the end of what goes on. It never fails.</summary>
    public Task Asking { get; private set; } = Task.CompletedTask;

    /// <summary>Gets what the target is, at the earliest when this is called, and which ids are missing, of these and perhaps of others.</summary>
    /// <exception cref="GitException">There is no target, or it could not be told.</exception>
    public async Task<ResolvedCommits> ResolveAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        Question question = new(commitIds, cancellationToken);
        lock (_lock)
        {
            _waiting.Add(question);
            if (!_isAsking)
            {
                _isAsking = true;
                Asking = Task.Run(AskForAllAsync, CancellationToken.None);
            }
        }

        try
        {
            return await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Who has left is told so, and not what has become of the question.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private async Task AskForAllAsync()
    {
        while (TakeAll() is { Count: > 0 } questions)
        {
            await AskAsync(questions).ConfigureAwait(false);
        }
    }

    private List<Question> TakeAll()
    {
        lock (_lock)
        {
            var questions = _waiting;
            _waiting = [];
            _isAsking = questions.Count > 0;
            return questions;
        }
    }

    private async Task AskAsync(List<Question> questions)
    {
        // One who leaves does not end what the others wait for, and the last one does not leave behind what holds up those who come next.
        using CancellationTokenSource abandon = new();
        var waiting = questions.Count;
        var abandoning = Task.CompletedTask;
        var registrations = questions.ConvertAll(question => question.CancellationToken.UnsafeRegister(
            _ =>
            {
                if (Interlocked.Decrement(ref waiting) == 0)
                {
                    // Not on the thread of who leaves: it would ask for those who come next.
                    abandoning = abandon.CancelAsync();
                }
            },
            null));
        try
        {
            var answer = await askAsync([.. questions.SelectMany(static question => question.CommitIds).Distinct(StringComparer.Ordinal)], abandon.Token).ConfigureAwait(false);
            questions.ForEach(question => question.Succeed(answer));
        }
        catch (Exception exception)
        {
            // For those who ask, each of whom can tell what to make of it.
            questions.ForEach(question => question.Fail(exception));
        }
        finally
        {
            foreach (var registration in registrations)
            {
                await registration.DisposeAsync().ConfigureAwait(false);
            }

            await abandoning.ConfigureAwait(false);
        }
    }

    private sealed class Question(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<ResolvedCommits> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> CommitIds => commitIds;

        /// <summary>Gets what is cancelled when nobody waits for the answer.</summary>
        public CancellationToken CancellationToken => cancellationToken;

        public Task<ResolvedCommits> Answer => _source.Task;

        public void Succeed(ResolvedCommits answer) => _source.SetResult(answer);

        public void Fail(Exception exception)
        {
            _source.SetException(exception);

            // Seen, even where nobody waits any more.
            _ = _source.Task.Exception;
        }
    }
}
