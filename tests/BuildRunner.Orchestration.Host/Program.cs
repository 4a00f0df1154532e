using BuildRunner;
using BuildRunner.Orchestration.Soak;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A process with orchestration: Host <engine> <connection string> <socket of the CI> <far, if its answers may take long, or near>
// It begins at the first line of its input, says when it works, and stops at the end of its input.
if (args is not [var engine, var connectionString, var socket, var distance])
{
    return 2;
}

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Services.AddSingleton(new CiClient(socket));
SoakStage.UseDatabase(builder.Services.AddQueue(), engine, connectionString);
var stage = builder.Services.AddBuildOrchestration().AddObserver<WakeObserver>();
foreach (var runner in SoakStage.Runners)
{
    builder.Services.AddKeyedSingleton<IBuildRunner>(runner, (services, _) => new RemoteRunner(runner, services.GetRequiredService<CiClient>()));
    stage.AddRunner(runner, options => SoakStage.Configure(runner, options, distance == "far"));
}

SoakStage.ConfigureConsumers(builder.Services);
using var host = builder.Build();
if (await Console.In.ReadLineAsync() is null)
{
    return 0;
}

await host.StartAsync();
Console.WriteLine(SoakStage.Working);
await Console.In.ReadToEndAsync();
await host.StopAsync();
return 0;
