using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using MergeQueue;

Option<string> repository = new("--repo") { Description = "The git repository.", DefaultValueFactory = static _ => "." };
Option<string> target = new("--target") { Description = "The branch that is landed on. It must not be checked out.", DefaultValueFactory = static _ => "main" };
Option<string> state = new("--state") { Description = "The directory that builds are kept in, outside of any work tree of git. Started again with it after it was killed, the queue goes on.", Required = true };
Option<int> attempts = new("--attempts") { Description = "How often a branch may be red before it is dropped: 1 or more.", DefaultValueFactory = static _ => 2, CustomParser = ParseAttempts };
Option<Uri?> buildbot = new("--buildbot") { Description = "The address of a Buildbot master that verifies, with the builder and the scheduler of doc/ci/buildbot, in place of a command on this machine.", CustomParser = ParseUrl };
Option<string?> pause = new("--pause") { Description = "Why nothing more is verified for now. What is verified still lands. Started again without it, the queue goes on." };
Option<string[]> branch = new("--branch") { Description = "A branch that is to land; repeatable, in order.", Required = true };
RootCommand root = new("Lands branches that are green, each verified on those ahead of it, by a command that stands after -- or by a CI. Exit code: 0 all have landed, 1 some were dropped or deleted, 2 rejected, 3 some are undecided, because it was interrupted or the machine could not verify them: start it again.") { repository, target, state, attempts, buildbot, pause, branch };

// Only what stands after -- is the command, so that an option with a typo never becomes one.
var separator = Array.IndexOf(args, "--");
var command = separator < 0 ? [] : args[(separator + 1)..];
root.Validators.Add(result =>
{
    if ((command.Length == 0) == (result.GetValue(buildbot) is null))
    {
        result.AddError("Name the command that verifies a branch, after the options and --, such as: -- make test. Or a Buildbot master, which has a command of its own.");
    }
});
root.SetAction(async (arguments, cancellationToken) =>
{
    // A terminal that is closed asks for the same as Ctrl+C.
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    using var closed = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    Landing.Request request = new(
        arguments.GetValue(repository)!,
        arguments.GetValue(target)!,
        arguments.GetValue(state)!,
        arguments.GetValue(attempts),
        arguments.GetValue(branch)!,
        command,
        arguments.GetValue(buildbot),
        arguments.GetValue(pause));
    return await Landing.RunAsync(request, stop.Token);
});

// No response files: a name may begin with @.
var parsed = root.Parse(separator < 0 ? args : args[..separator], new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    return ExitCodes.Rejected;
}

// No limit to the time that what runs may take to stop.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan });

static int ParseAttempts(ArgumentResult argument)
{
    if (int.TryParse(argument.Tokens[0].Value, out var attempts) && attempts > 0)
    {
        return attempts;
    }

    argument.AddError($"'{argument.Tokens[0].Value}' is not a number of attempts; it must be 1 or more.");
    return 0;
}

static Uri? ParseUrl(ArgumentResult argument)
{
    if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
    {
        return url;
    }

    argument.AddError($"'{argument.Tokens[0].Value}' is not the address of a CI; write it as http://127.0.0.1:8010");
    return null;
}
