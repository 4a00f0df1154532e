using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Tells the observers of a change.</summary>
internal sealed class BuildChangeHandler(BuildRecords records, IEnumerable<IBuildObserver> observers) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is { Build: { } build })
        {
            foreach (var observer in observers)
            {
                await observer.OnBuildChangedAsync(build, cancellationToken).ConfigureAwait(false);
            }
        }

        return Outcome.Done;
    }
}
