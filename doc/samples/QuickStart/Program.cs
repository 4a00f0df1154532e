using System.CommandLine;
using QuickStart;
using QuickStart.Views;
using Spectre.Console;

Option<string> repository = new("--repo") { Description = "The git repository to build. Default: the one that this directory lies in.", DefaultValueFactory = _ => "." };
Option<string?> target = new("--target") { Description = "What base and head are applied to. Default: the first parent of the first head." };
Option<string[]> @base = new("--base") { Description = "An assumed-good revision to apply first; repeatable, in order." };
Option<string[]> head = new("--head") { Description = "A revision under test; repeatable, in order. Default: HEAD." };
Option<string?> state = new("--state") { Description = "Where the runner keeps its work trees and logs. Default: the local application data of the user." };
Option<TimeSpan?> timeout = new("--timeout") { Description = "How long the build may run, such as 00:20:00. Default: one hour." };
Option<bool> reuse = new("--reuse") { Description = "Do not run the command where it has succeeded before on the same files, with the same environment." };
Option<bool> blame = new("--blame") { Description = "Where the command fails, run it on the base alone as well, to tell which side is to blame." };
Option<bool> json = new("--json") { Description = "Write a line of JSON for each change of the build, with id, status and metadata, and nothing else." };
RootCommand root = new("Verifies a revision of a git repository on its parent, by really running a command, which stands after the options and is dotnet build src/BuildRunner where there is none.")
{
    repository, target, @base, head, state, timeout, reuse, blame, json,
};

// Here and not as an argument of the root command, because what looks like an option in the command is the command's.
var (options, command) = CommandLine.Split(args, root);
root.SetAction((arguments, cancellationToken) => Verification.RunAsync(
    new Verification.Request(
        arguments.GetRequiredValue(repository),
        arguments.GetValue(target),
        arguments.GetValue(@base) ?? [],
        arguments.GetValue(head) is { Length: > 0 } heads ? heads : ["HEAD"],
        arguments.GetValue(state),
        arguments.GetValue(timeout),
        arguments.GetValue(reuse),
        arguments.GetValue(blame),
        command is { Length: > 0 } ? command : ["dotnet", "build", "src/BuildRunner"]),
    logs => arguments.GetValue(json) ? new JsonView(Console.Out)
        : Console.IsOutputRedirected ? new PlainView(Console.Out, logs)
        : new LiveView(AnsiConsole.Console, logs),
    cancellationToken));

var parsed = root.Parse(options);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    return ExitCodes.Rejected;
}

// No limit to the time that the end of a cancelled build may take.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });
