using System.Data.Common;
using System.Net.Sockets;
using BuildRunner.Orchestration.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration;

/// <summary>Waits for a database that comes up after the program. Once it has answered, nobody waits any more.</summary>
internal sealed class StoreStart(IOptions<BuildOrchestrationOptions> options, ILogger<StoreStart> logger, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private volatile bool _isReached;

    /// <summary>Reads from the store. While it was never reached, a read that fails because the database is not there is repeated for <see cref="BuildOrchestrationOptions.DatabaseStartTimeout"/>.</summary>
    public async Task<BuildReading> ReadAsync(Func<CancellationToken, Task<BuildReading>> read, CancellationToken cancellationToken)
    {
        var timeout = options.Value.DatabaseStartTimeout;
        var start = timeProvider.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause < LongestPause / 2 ? 2 * pause : LongestPause)
        {
            try
            {
                var reading = await read(cancellationToken).ConfigureAwait(false);
                _isReached = true;
                return reading;
            }
            catch (Exception exception) when (!_isReached && IsAway(exception) && timeProvider.GetElapsedTime(start) + pause <= timeout)
            {
                if (pause == FirstPause)
                {
                    Log.DatabaseAwaited(logger, timeout, exception);
                }
            }

            await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Determines whether an exception says that the database is not there yet. Refused credentials and the like stay as they are, and are not waited for.</summary>
    public static bool IsAway(Exception exception) => exception is DbException { IsTransient: true } or SocketException or TimeoutException;
}
