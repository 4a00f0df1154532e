using BuildRunner.Orchestration.Hosting;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Tells the observers of a change. One that fails keeps none of the others from being told.</summary>
internal sealed class BuildChangeHandler(BuildRecords records, IEnumerable<ObserverRegistration> observers, IServiceProvider services, ILogger<BuildChangeHandler> logger) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } build })
        {
            Log.ChangeOutlived(logger, delivery.Message.Id);
            return Outcome.Done;
        }

        List<Exception> failures = [];
        foreach (var observer in observers)
        {
            try
            {
                await observer.Resolve(services).OnBuildChangedAsync(build, cancellationToken).ConfigureAwait(false);
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

    // So that the log has where each was thrown.
    private sealed class ObserverException(Exception innerException) : Exception(innerException.Message, innerException);
}
