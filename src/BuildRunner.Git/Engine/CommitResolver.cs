using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Resolves the commits of triggers, one git process at a time. Triggers that arrive while git runs share the next one, because
/// hundreds of processes would only slow each other down.</summary>
/// <param name="askAsync">Asks git for the target and the given distinct ids. Cancelled once nobody waits for the answer.</param>
internal sealed class CommitResolver(Func<IReadOnlyList<string>, CancellationToken, Task<ResolvedCommits>> askAsync)
{
    private readonly Lock _lock = new();
    private List<Question> _waiting = [];
    private bool _isAsking;

    /// <summary>Gets a task that completes when no question is in progress. It never fails.</summary>
    public Task Asking { get; private set; } = Task.CompletedTask;

    /// <summary>Resolves the target, not earlier than this call, and reports missing ids, possibly including ids that others asked
    /// for.</summary>
    /// <exception cref="GitException">The target does not exist, or git failed.</exception>
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
            // A caller that cancelled gets its cancellation, not the outcome of the question.
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
        // One caller that leaves must not end the wait of the others, and once all have left, git must not delay the next ones.
        using CancellationTokenSource abandon = new();
        var waiting = questions.Count;
        var abandoning = Task.CompletedTask;
        var registrations = questions.ConvertAll(question => question.CancellationToken.UnsafeRegister(
            _ =>
            {
                if (Interlocked.Decrement(ref waiting) == 0)
                {
                    // Not on the caller's own thread, which would go on to ask for the next callers.
                    abandoning = abandon.CancelAsync();
                }
            },
            null));
        try
        {
            string[] commitIds = [.. questions.SelectMany(static question => question.CommitIds).Distinct(StringComparer.Ordinal)];
            var answer = await askAsync(commitIds, abandon.Token).ConfigureAwait(false);
            questions.ForEach(question => question.Succeed(answer));
        }
        catch (Exception exception)
        {
            // Each caller handles it.
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

        /// <summary>Gets the token that is cancelled when its caller stops waiting.</summary>
        public CancellationToken CancellationToken => cancellationToken;

        public Task<ResolvedCommits> Answer => _source.Task;

        public void Succeed(ResolvedCommits answer) => _source.SetResult(answer);

        public void Fail(Exception exception)
        {
            _source.SetException(exception);

            // Observed, even if nobody waits any more.
            _ = _source.Task.Exception;
        }
    }
}
