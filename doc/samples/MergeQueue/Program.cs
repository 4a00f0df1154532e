using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using BuildRunner.Orchestration;
using MergeQueue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

Option<string> repository = new("--repo") { Description = "The git repository.", DefaultValueFactory = static _ => "." };
Option<string> target = new("--target") { Description = "The branch that is landed on. It must not be checked out.", DefaultValueFactory = static _ => "main" };
Option<string> state = new("--state") { Description = "The directory that builds are kept in, outside the repository. Started again with it after it was killed, the queue goes on.", Required = true };
Option<int> attempts = new("--attempts") { Description = "How often a branch may be red before it is dropped.", DefaultValueFactory = static _ => 2 };
Option<string[]> branch = new("--branch") { Description = "A branch that is to land; repeatable, in order.", Required = true };
Argument<string[]> command = new("command") { Description = "What verifies a branch, after --.", Arity = ArgumentArity.OneOrMore };
RootCommand root = new("Lands branches that are green, each verified on those ahead of it. Exit code: 0 all have landed, 1 some were dropped, 2 rejected.") { repository, target, state, attempts, branch, command };
root.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        TargetBranch onto = new(arguments.GetValue(repository)!, arguments.GetValue(target)!);
        await onto.CheckAsync(cancellationToken);
        List<Entry> entries = [];
        foreach (var name in arguments.GetValue(branch)!)
        {
            entries.Add(new Entry(name, await onto.FindAsync(name, cancellationToken)));
        }

        var directory = Directory.CreateDirectory(arguments.GetValue(state)!).FullName;
        var verify = arguments.GetValue(command)!;

        // Builds that were verified by another command are other builds.
        var runner = $"git-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', verify))))[..16]}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddKeyedGitBuildRunner(runner, options =>
        {
            options.Repository = arguments.GetValue(repository)!;
            options.RepositoryName = "merge-queue";
            options.TargetBranch = arguments.GetValue(target)!;
            options.Command = verify;
            options.StateDirectory = directory;
            options.MaxConcurrency = Environment.ProcessorCount;
        });
        builder.Services.AddSingleton<Wake>();
        builder.Services.AddQueue().UseSqlite($"Data Source={Path.Combine(directory, "builds.db")}");
        builder.Services.AddBuildOrchestration().AddRunner(runner).AddObserver<Wake>();
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);

        var wake = host.Services.GetRequiredService<Wake>();
        Queue queue = new(host.Services.GetRequiredService<IBuildOrchestrator>(), onto, entries, owner: arguments.GetValue(target)!, runner, Math.Max(1, arguments.GetValue(attempts)));
        await new Board(entries).ShowAsync(async show =>
        {
            while (!await queue.AdvanceAsync(cancellationToken))
            {
                show();
                await wake.WaitAsync(cancellationToken);
            }

            show();
        });
        await host.StopAsync(CancellationToken.None);
        return entries.All(static entry => entry.State == "landed") ? 0 : 1;
    }
    catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 2;
    }
});
return await root.Parse(args).InvokeAsync();
