using System.CommandLine;
using System.Runtime.InteropServices;
using QuickStart;
using QuickStart.Views;
using Spectre.Console;

Option<string> repository = new("--repo") { Description = "The git repository to build. Default: the one that this directory lies in." };
Option<string?> target = new("--target") { Description = "What base and head are applied to. Default: the first parent of the first head." };
Option<string[]> @base = new("--base") { Description = "An assumed-good revision to apply first; repeatable, in order." };
Option<string[]> head = new("--head") { Description = "A revision under test; repeatable, in order. Default: HEAD." };
Option<string?> state = new("--state") { Description = "Where builds, logs and work trees are kept. Default: a directory of the repository in the local application data of the user (~/.local/share/BuildRunner.QuickStart). Started again after it was killed, the program follows the build that it left." };
Option<TimeSpan?> timeout = new("--timeout") { Description = "How long the build may run, such as 90s, 20m, 1h or 00:20:00. Default: 1h.", CustomParser = Duration.Parse };
Option<bool> reuse = new("--reuse") { Description = "Do not run the command where it has succeeded before on the same files, with the same environment." };
Option<bool> blame = new("--blame") { Description = "Where the command fails, run it on the base alone as well, to tell which side is to blame. Needs a --base." };
Option<bool> json = new("--json") { Description = "Write a line of JSON for each change of the build, with id, status and metadata, and nothing else." };
Option<string> runner = new("--runner") { Description = "What does the build: git, on this machine; buildbot, on a master that --url names; github, with a workflow of the repository that --github names; buildkite, with what --pipeline names; jenkins, with a job at --url; or gitlab, with the project that --project names. Default: git.", DefaultValueFactory = _ => GitChoice.Kind };
runner.AcceptOnlyFromAmong(GitChoice.Kind, BuildbotChoice.Kind, GitHubChoice.Kind, BuildkiteChoice.Kind, JenkinsChoice.Kind, GitLabChoice.Kind);
Option<Uri?> url = new("--url") { Description = "The address of the Buildbot master, of Jenkins or of a GitLab server, as a browser opens it, or of the API of a GitHub Enterprise Server, such as https://HOST/api/v3.", CustomParser = BuildbotChoice.ParseUrl };
Option<string> builder = new("--builder") { Description = "The builder of the Buildbot master. Default: verify.", DefaultValueFactory = _ => "verify" };
Option<string?> github = new("--github") { Description = "The repository on GitHub, as owner/name. GITHUB_TOKEN gives the token.", CustomParser = GitHubChoice.ParsePair };
Option<string> workflow = new("--workflow") { Description = "The file of the workflow on GitHub. Default: build.yml.", DefaultValueFactory = _ => "build.yml" };
Option<string?> pipeline = new("--pipeline") { Description = "The pipeline on Buildkite, as organization/pipeline. BUILDKITE_TOKEN gives the token.", CustomParser = GitHubChoice.ParsePair };
Option<string> job = new("--job") { Description = "The full name of the job of Jenkins, such as team/verify. JENKINS_USER and JENKINS_TOKEN give the user and the API token. Default: verify.", DefaultValueFactory = _ => "verify" };
Option<string?> project = new("--project") { Description = "The project on GitLab: its path or its id. GITLAB_TOKEN gives the token." };
RootCommand root = new("Verifies a revision of a git repository, on its parent by really running a command on this machine, or with a CI: Buildbot, GitHub Actions, Buildkite, Jenkins or GitLab. The command stands after the options and --, and is dotnet build src/BuildRunner in the repository of BuildRunner. Exit code: 0 succeeded, 1 failed, 2 rejected, 3 cancelled.")
{
    repository, target, @base, head, state, timeout, reuse, blame, json, runner, url, builder, github, workflow, pipeline, job, project,
};

// Here and not as an argument of the root command, so that an option with a typo never becomes the command.
var (options, command) = CommandLine.Split(args);
root.SetAction(async (arguments, cancellationToken) =>
{
    // A terminal that is closed asks for the same as Ctrl+C.
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    using var closed = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    Verification.Request request = new()
    {
        Repository = arguments.GetValue(repository) ?? ".",
        Target = arguments.GetValue(target),
        Base = arguments.GetValue(@base) ?? [],
        Head = arguments.GetValue(head) is { Length: > 0 } heads ? heads : ["HEAD"],
        State = arguments.GetValue(state),
        Timeout = arguments.GetValue(timeout),
        Reuse = arguments.GetValue(reuse),
        Blame = arguments.GetValue(blame),
        Runner = arguments.GetValue(runner)!,
        Url = arguments.GetValue(url),
        Builder = arguments.GetValue(builder)!,
        GitHub = arguments.GetValue(github),
        Workflow = arguments.GetValue(workflow)!,
        Pipeline = arguments.GetValue(pipeline),
        Job = arguments.GetValue(job)!,
        Project = arguments.GetValue(project),
        Command = command is { Length: > 0 } ? command : null,
    };
    IBuildView view = arguments.GetValue(json) ? new JsonView(Console.Out)
        : Console.IsOutputRedirected ? new PlainView(Console.Out)
        : new LiveView(AnsiConsole.Console);
    return await Verification.RunAsync(request, view, stop.Token);
});

// No response files: @{u} is a revision.
var parsed = root.Parse(options, new ParserConfiguration { ResponseFileTokenReplacer = null });
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
