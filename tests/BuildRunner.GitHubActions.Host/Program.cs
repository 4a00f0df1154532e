using BuildRunner.GitHubActions.Landing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// A service that lands what GitHub Actions has built:
// Host <connection string> <address of GitHub's API> <remote> <state directory> <file of landings>
// It says at which address it takes webhooks when it works, and stops at the end of its input.
if (args is not [var connectionString, var api, var remote, var state, var landings])
{
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();

// The output is for the address.
builder.Logging.ClearProviders().AddConsole(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Services.AddKeyedGitHubActionsBuildRunner(LandingStage.Runner, options =>
{
    options.ApiUrl = new Uri(api);
    (options.Owner, options.Repository, options.Workflow) = (LandingStage.Owner, LandingStage.Repository, LandingStage.Workflow);
    options.Token = static _ => new(LandingStage.Token);
    options.WebhookSecrets = static _ => new([LandingStage.WebhookSecret]);
    options.CallTimeout = LandingStage.CallTimeout;
});
builder.Services.AddMergedRefs(LandingStage.Runner, options =>
{
    options.Repository = options.Remote = remote;
    (options.Host, options.RepositoryName) = (LandingStage.Host, LandingStage.RepositoryName);
    (options.TargetBranch, options.RefPrefix) = (LandingStage.Target, LandingStage.Prefix);
    options.StateDirectory = state;
});
builder.Services.AddQueue().UseSqlite(connectionString);
builder.Services.AddSingleton(new LandingFile(landings));
builder.Services.AddBuildOrchestration().AddRunner(LandingStage.Runner, LandingStage.Configure).AddObserver<LandingObserver>();
LandingStage.ConfigureConsumers(builder.Services);
await using var app = builder.Build();
app.Urls.Add("http://127.0.0.1:0");
app.MapBuildWebhooks();
await app.StartAsync();
Console.WriteLine(app.Urls.Single());
await Console.In.ReadToEndAsync();
await app.StopAsync();
return 0;
