using System.CommandLine;
using BuildRunner.Orchestration;
using MergeQueue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

Option<string> repository = new("--repo") { Description = "The git repository.", DefaultValueFactory = static _ => "." };
Option<string> target = new("--target") { Description = "The branch that is landed on.", DefaultValueFactory = static _ => "main" };
Option<string> state = new("--state") { Description = "The directory that builds are kept in, in no work tree of git.", Required = true };
Option<string[]> branch = new("--branch") { Description = "A branch that is to land; repeatable, in order.", Required = true };
Option<int> batch = new("--batch") { Description = "How many branches are built as one merge.", DefaultValueFactory = static _ => 1 };
Option<int> attempts = new("--attempts") { Description = "How often a build is tried.", DefaultValueFactory = static _ => 2 };
Option<string?> pause = new("--pause") { Description = "Why nothing is built until it is started without this." };
Option<string?> buildbot = new("--buildbot") { Description = "The Buildbot master that builds, in place of a command." };
RootCommand root = new("Lands branches that are green. Exit code: 0 all have landed, 1 some have not, 2 a mistake.")
{
    repository, target, state, branch, batch, attempts, pause, buildbot,
};

// Only what stands after -- is the command, so that an option with a typo never becomes one.
var separator = Array.IndexOf(args, "--");
var command = separator < 0 ? [] : args[(separator + 1)..];
root.Validators.Add(result =>
{
    if ((command.Length == 0) == (result.GetValue(buildbot) is null))
    {
        result.AddError("Name either a command, after all options and --, such as: -- make test; or a Buildbot master.");
    }
});
root.SetAction((line, cancellationToken) => RunAsync(
    new Settings(
        Path.GetFullPath(line.GetValue(repository)!), line.GetValue(target)!, Path.GetFullPath(line.GetValue(state)!),
        line.GetValue(branch)!, line.GetValue(batch), line.GetValue(attempts), line.GetValue(pause), line.GetValue(buildbot), command),
    cancellationToken));

// No response files: a name may begin with @.
var parsed = root.Parse(separator < 0 ? args : args[..separator], new ParserConfiguration { ResponseFileTokenReplacer = null });
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });
return parsed.Errors.Count == 0 ? exitCode : 2;

static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
{
    try
    {
        if (settings.Batch < 1 || settings.Attempts < 1 || settings.Branches.Length > 500)
        {
            throw new ArgumentException("Set --batch and --attempts to 1 or more, and name at most 500 branches.");
        }

        // Two queues would cancel each other's builds.
        Directory.CreateDirectory(settings.State);
        await using FileStream alone = new(Path.Combine(settings.State, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        using var host = Setup.CreateHost(settings);
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        await (settings.Pause is { } why
            ? builds.PauseRunnerAsync(settings.Runner, new() { Holds = true, By = Environment.UserName, Reason = why }, cancellationToken)
            : builds.ResumeRunnerAsync(settings.Runner, Environment.UserName, cancellationToken: cancellationToken));
        await host.StartAsync(cancellationToken);
        try
        {
            return await host.Services.GetRequiredService<Queue>().RunAsync(cancellationToken) ? 0 : 1;
        }
        finally
        {
            // What runs is stopped, and begins again at the next start.
            await host.StopAsync(CancellationToken.None);
        }
    }
    catch (Exception exception)
    {
        var isStopped = cancellationToken.IsCancellationRequested;
        await Console.Error.WriteLineAsync(isStopped ? "Interrupted. Start it again to go on." : exception.Message);
        return isStopped ? 1 : 2;
    }
}
