using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git;
using BuildRunner.Orchestration;
using MergeQueue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

const int AllLanded = 0;
const int SomeDropped = 1;
const int Rejected = 2;
const int SomeUndecided = 3;

Option<string> repository = new("--repo") { Description = "The git repository.", DefaultValueFactory = static _ => "." };
Option<string> target = new("--target") { Description = "The branch that is landed on. It must not be checked out.", DefaultValueFactory = static _ => "main" };
Option<string> state = new("--state") { Description = "The directory that builds are kept in, outside the repository. Started again with it after it was killed, the queue goes on.", Required = true };
Option<int> attempts = new("--attempts") { Description = "How often a branch may be red before it is dropped.", DefaultValueFactory = static _ => 2 };
Option<string[]> branch = new("--branch") { Description = "A branch that is to land; repeatable, in order.", Required = true };
Argument<string[]> command = new("command") { Description = "What verifies a branch, after --.", Arity = ArgumentArity.OneOrMore };
RootCommand root = new("Lands branches that are green, each verified on those ahead of it. Exit code: 0 all have landed, 1 some were dropped, 2 rejected, 3 some are undecided, because it was interrupted or the machine could not verify them: start it again.") { repository, target, state, attempts, branch, command };
root.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        return await RunAsync(arguments, cancellationToken);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        await Console.Error.WriteLineAsync("Interrupted; start again to go on.");
        return SomeUndecided;
    }
    catch (Exception exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return Rejected;
    }
});

// No limit to the time that what runs may take to stop.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });

async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    TargetBranch onto = new(arguments.GetValue(repository)!, arguments.GetValue(target)!);
    await onto.CheckAsync(cancellationToken);
    List<Entry> entries = [];
    foreach (var name in arguments.GetValue(branch)!)
    {
        entries.Add(new Entry(name, await onto.FindAsync(name, cancellationToken)));
    }

    // Builds for another target, or by another command, are other builds.
    var verify = arguments.GetValue(command)!;
    var runner = $"git-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [onto.Name, .. verify]))))[..16]}";
    var directory = Directory.CreateDirectory(arguments.GetValue(state)!).FullName;
    var first = await onto.RootAsync(cancellationToken);
    using var host = CreateHost(runner, directory, options =>
    {
        options.Repository = arguments.GetValue(repository)!;
        options.RepositoryName = Queue.Repository;
        options.Command = verify;

        // What is verified has all of the target already. On the first commit of that it stays as it is; on the tip, whoever pushes before the build is triggered would change it.
        options.TargetBranch = first;
    });
    try
    {
        await host.StartAsync(cancellationToken);

        // Two queues would cancel each other's builds.
        await using FileStream alone = new(Path.Combine(directory, "merge-queue.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Queue queue = new(host.Services.GetRequiredService<IBuildOrchestrator>(), onto, entries, runner, Math.Max(1, arguments.GetValue(attempts)));
        await LandAsync(queue, new Board(entries), host.Services.GetRequiredService<Wake>(), cancellationToken);
    }
    finally
    {
        // What runs is stopped, and begins again at the next start.
        await host.StopAsync(CancellationToken.None);
    }

    return await ReportAsync(entries);
}

static IHost CreateHost(string runner, string directory, Action<GitBuildRunnerOptions> configure)
{
    var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
    builder.Services.AddKeyedGitBuildRunner(runner, options =>
    {
        options.StateDirectory = directory;
        options.MaxConcurrency = Environment.ProcessorCount;
        configure(options);
    });
    builder.Services.AddSingleton<Wake>();
    builder.Services.AddQueue().UseSqlite($"Data Source={Path.Combine(directory, "builds.db")}");
    builder.Services.AddBuildOrchestration().AddRunner(runner).AddObserver<Wake>();
    return builder.Build();
}

static Task LandAsync(Queue queue, Board board, Wake wake, CancellationToken cancellationToken) => board.ShowAsync(async show =>
{
    while (!await queue.AdvanceAsync(cancellationToken))
    {
        show();
        await wake.WaitAsync(cancellationToken);
    }

    show();
});

static async Task<int> ReportAsync(List<Entry> entries)
{
    foreach (var entry in entries.Where(static entry => entry.State == State.Unverified))
    {
        await Console.Error.WriteLineAsync($"'{entry.Branch}' could not be verified ({entry.Fault}); start again to try again.");
    }

    return entries.Exists(static entry => entry.State == State.Unverified) ? SomeUndecided
        : entries.Exists(static entry => entry.State == State.Dropped) ? SomeDropped
        : AllLanded;
}
