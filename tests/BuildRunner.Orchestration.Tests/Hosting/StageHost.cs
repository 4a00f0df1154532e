using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>A program with the queue in memory, on the clock of the machine.</summary>
internal static class StageHost
{
    public static readonly TimeSpan Safety = TimeSpan.FromMinutes(2);

    public static IHost Create(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Services);
        return builder.Build();
    }

    /// <summary>Polls as fast as can be.</summary>
    public static void Hasten(BuildRunnerOptions options)
    {
        options.AcceptedPollDelay = TimeSpan.FromMilliseconds(1);
        options.RunningPollDelay = TimeSpan.FromMilliseconds(1);
        options.CallsPerSecond = null;
    }
}
