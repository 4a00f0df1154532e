using BuildRunner.Buildbot.Chaos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A process of the build stage: Host <connection string> <address of the master> <file of wakes>
// It says when it works, and stops at the end of its input.
if (args is not [var connectionString, var url, var wakes])
{
    return 2;
}

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.Services.AddQueue().UseSqlite(connectionString);
builder.Services.AddKeyedBuildbotBuildRunner(ChaosStage.Runner, options =>
{
    options.Url = new Uri(url);
    options.Builder = "verify";
    options.CallTimeout = ChaosStage.CallTimeout;
    options.Freshness = ChaosStage.Freshness;
});
builder.Services.AddSingleton(new WakeFile(wakes));
builder.Services.AddBuildOrchestration().AddRunner(ChaosStage.Runner, ChaosStage.Configure).AddObserver<WakeFile>();
ChaosStage.ConfigureConsumers(builder.Services);
using var host = builder.Build();
await host.StartAsync();
Console.WriteLine(ChaosStage.Working);
await Console.In.ReadToEndAsync();
await host.StopAsync();
return 0;
