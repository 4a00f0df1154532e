namespace BuildRunner.Orchestration;

/// <summary>Calls the observers of a change. All are called even if one fails or hangs.</summary>
internal sealed class ChangeHandler(
    BuildUpdater updater,
    GroupStore groups,
    IEnumerable<ObserverRegistration> observers,
    IOptions<BuildObserverOptions> options,
    IServiceProvider services,
    HarmlessLogger<ChangeHandler> logger,
    TimeProvider timeProvider) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var tell = BuildMessages.GroupOf(delivery) is { } group
            ? await GroupTellerAsync(group.Id, group.Key, cancellationToken).ConfigureAwait(false)
            : await BuildTellerAsync(delivery, cancellationToken).ConfigureAwait(false);
        if (tell is null)
        {
            Log.ChangeOutlived(logger, delivery.Message.Id);
            return Outcome.Done;
        }

        List<Exception> failures = [];
        foreach (var observer in observers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await tell(observer).ConfigureAwait(false);
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

    private async Task<Func<ObserverRegistration, Task>?> BuildTellerAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build })
        {
            return null;
        }

        var isFirst = true;
        return async observer =>
        {
            // The previous observer may have taken a while.
            var current = isFirst
                ? build
                : (await updater.ReadAsync(build.Id, default, cancellationToken).ConfigureAwait(false)).Build ?? build;
            isFirst = false;
            await TellAsync(
                observer,
                nameof(IBuildObserver.OnBuildChangedAsync),
                (it, token) => it.OnBuildChangedAsync(current, token),
                cancellationToken).ConfigureAwait(false);
        };
    }

    private async Task<Func<ObserverRegistration, Task>?> GroupTellerAsync(Guid id, string key, CancellationToken cancellationToken)
    {
        // The key may be that of another group by now.
        var group = (await groups.ReadAsync(key, cancellationToken).ConfigureAwait(false))?.Group;
        return group?.Id != id
            ? null
            : observer => TellAsync(
                observer,
                nameof(IBuildObserver.OnGroupEndedAsync),
                (it, token) => it.OnGroupEndedAsync(group.ToGroup(), token),
                cancellationToken);
    }

    // Each has its own timeout, or one that hangs would use up the others'.
    private async Task TellAsync(
        ObserverRegistration observer,
        string method,
        Func<IBuildObserver, CancellationToken, Task?> tell,
        CancellationToken cancellationToken)
    {
        var timeout = options.Value.CallTimeout;
        using CancellationTokenSource timer = new(timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var telling = tell(observer.Resolve(services), linked.Token)
            ?? throw new InvalidOperationException($"{observer.Type} returned no task from {method}; it must return one.");
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
