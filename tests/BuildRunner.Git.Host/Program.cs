using System.Globalization;
using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Git.Host;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A process that uses the git runner: Host <state directory> <repository> <builds at a time> <moment of death or -> <command...>
// It answers each line of its input by one line: trigger [key], start, status <id>, cancel <id>, find <key>; or call trigger|status|cancel|find <argument>, with what was returned or thrown in full.
// Or, with merged refs: Host merged <state directory> <repository> <remote> <directory of the CI> <moment of death or ->
if (args is ["merged", ..])
{
    return await MergedHost.RunAsync(args[1..]);
}

if (args is not [var state, var repository, var concurrency, var death, .. var command])
{
    return 2;
}

var services = new ServiceCollection().AddGitBuildRunner(options =>
{
    options.StateDirectory = state;
    options.Repository = repository;
    options.TargetBranch = "main";
    options.Concurrency = int.Parse(concurrency, CultureInfo.InvariantCulture);
    options.Command = command;
    options.AttributeFailures = true;
});
if (death != "-")
{
    services.AddSingleton<StepReached>(new Death<Step>(death).Reached);
}

await using var provider = services.BuildServiceProvider();
var runner = provider.GetRequiredService<GitBuildRunner>();
while (await Console.In.ReadLineAsync() is { } line)
{
    string answer;
    try
    {
        answer = line.Split(' ') switch
        {
            ["call", ..] => await new Call(runner).MakeAsync(line),
            ["start"] => await StartAsync(),
            ["trigger"] => (await runner.TriggerAsync(new BuildRequest())).Value,
            ["trigger", var key] => (await runner.TriggerAsync(new BuildRequest { TriggerKey = key })).Value,
            ["status", var id] => (await runner.StatusAsync(new BuildId(id))).Status.ToString(),
            ["cancel", var id] => await CancelAsync(id),
            ["find", var key] => (await runner.FindAsync(key))?.Value ?? "none",
            _ => throw new ArgumentException($"'{line}' is nothing to do."),
        };
    }
    catch (Exception exception)
    {
        answer = exception.GetType().Name;
        await Console.Error.WriteLineAsync(exception.ToString());
    }

    Console.WriteLine(answer);
}

return 0;

async Task<string> StartAsync()
{
    foreach (var service in provider.GetServices<IHostedService>())
    {
        await service.StartAsync(CancellationToken.None);
    }

    return "started";
}

async Task<string> CancelAsync(string id)
{
    await runner.CancelAsync(new BuildId(id));
    return "cancelled";
}
