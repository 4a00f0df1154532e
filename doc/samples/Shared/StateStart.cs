using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Samples;

/// <summary>Makes the state directory of a sample before its host starts.</summary>
internal static class StateStart
{
    /// <summary>Starts the git runner, which makes its state directory or refuses it. It must have been added before everything else that is hosted.</summary>
    /// <remarks>The database lies in that directory and is opened before the host starts any service. The runner takes no directory in which there is something already.</remarks>
    public static Task MakeAsync(IServiceProvider services, CancellationToken cancellationToken) => services.GetServices<IHostedService>().First().StartAsync(cancellationToken);
}
