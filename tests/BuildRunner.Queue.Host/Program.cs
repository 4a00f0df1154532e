using System.Globalization;
using BuildRunner.Queue.Host;
using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A process that consumes a queue: Host <engine> <connection string> <journal> <seed> <which settling round stalls, or ->
// It begins at the first line of its input, says when it consumes, and stops at the end of its input.
if (args is not [var engine, var connectionString, var path, var seed, var stallsAt])
{
    return 2;
}

using Journal journal = new(path);
var services = new ServiceCollection();
services.AddSingleton(journal);
services.AddSingleton(new Seed(int.Parse(seed, CultureInfo.InvariantCulture)));
services.AddQueue()
    .UseEngine(_ => Chaos.CreateEngine(engine, connectionString, journal, stallsAt == "-" ? null : int.Parse(stallsAt, CultureInfo.InvariantCulture)))
    .AddConsumer<RandomHandler>(Chaos.Topic, Chaos.Configure);
await using var provider = services.BuildServiceProvider();
var host = provider.GetRequiredService<IHostedService>();
await Console.In.ReadLineAsync();
await host.StartAsync(CancellationToken.None);
await Console.In.ReadToEndAsync();
await host.StopAsync(CancellationToken.None);
return 0;
