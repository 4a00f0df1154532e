namespace BuildRunner.Orchestration;

/// <summary>Calls the observers of a change. All are called even if one fails or hangs.</summary>
internal sealed class ChangeHandler(
    BuildUpdater updater,
    IEnumerable<ObserverRegistration> observers,
    IOptions<BuildObserverOptions> options,
    IServiceProvider services,
    HarmlessLogger<ChangeHandler> logger,
    TimeProvider timeProvider) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build })
        {
            Log.ChangeOutlived(logger, delivery.Message.Id);
            return Outcome.Done;
        }

        List<Exception> failures = [];
        var isFirst = true;
        foreach (var observer in observers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                // The previous observer may have taken a while.
                var current = isFirst
                    ? build
                    : (await updater.ReadAsync(build.Id, default, cancellationToken).ConfigureAwait(false)).Build ?? build;
                isFirst = false;
                await TellAsync(observer, current, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception);
            }
        }

        return failures switch
        {
            [] => Outcome.Done,
            [var failure] => throw new ObserverException(failure),
            _ => throw new ObserverException(new AggregateException(failures)),
        };
    }

    // Each has its own timeout, or one that hangs would use up the others'.
    private async Task TellAsync(ObserverRegistration observer, Build build, CancellationToken cancellationToken)
    {
        var timeout = options.Value.CallTimeout;
        using CancellationTokenSource timer = new(timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var telling = observer.Resolve(services).OnBuildChangedAsync(build, linked.Token)
            ?? throw new InvalidOperationException(
                $"{observer.Type} returned no task from {nameof(IBuildObserver.OnBuildChangedAsync)}; it must return one.");
        TimedCalls.Forget(telling);
        try
        {
            await telling.WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The observer {observer.Type} has not ended within {timeout}.", exception);
        }
    }

    // Keeps the stack trace of each.
    private sealed class ObserverException(Exception innerException) : Exception(innerException.Message, innerException);
}
