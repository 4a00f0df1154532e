using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Benchmarks;

/// <summary>Several changes at once on a repository with a long history, against a script that merges them by hand: the first build, with nothing there yet, and the ones after it.</summary>
internal sealed class LongHistory(string directory)
{
    private const int Commits = 100_000;
    private const int Changes = 7;
    private const int Files = 200;
    private const int Rounds = 5;
    private const int Allowed = 2;

    // Repository, work tree, then the heads.
    private const string Script = """
        set -eu
        export GIT_AUTHOR_NAME=Script GIT_AUTHOR_EMAIL=script@localhost GIT_COMMITTER_NAME=Script GIT_COMMITTER_EMAIL=script@localhost
        repository=$1 tree=$2
        shift 2
        commit=$(git -C "$repository" rev-parse --verify --quiet 'refs/heads/main^{commit}')
        for head; do
            merged=$(git -C "$repository" merge-tree --write-tree --no-messages "$commit" "$head")
            commit=$(git -C "$repository" commit-tree "$merged" -p "$commit" -p "$head" -m "Apply $head")
        done
        test -d "$tree" || git -C "$repository" worktree add --quiet --detach --no-checkout "$tree" "$commit"
        git -C "$tree" clean --quiet -ffdx
        git -C "$tree" checkout --quiet --force --detach "$commit"
        cd "$tree"
        exec true

        """;

    private readonly string _repository = Path.Combine(directory, "long-history.git");
    private readonly string _script = Path.Combine(directory, "long-history.sh");

    /// <summary>Makes the repository, measures, and prints what came of it.</summary>
    public async Task RunAsync()
    {
        await CreateAsync();
        string[] heads = (await GitAsync("for-each-ref", "--format=%(objectname)", "refs/heads/change")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Not measured: .NET compiles itself, and the disk is read.
        await MeasureRoundAsync("warm-up", heads, [], []);
        List<(double Script, double Runner)> first = [];
        List<(double Script, double Runner)> warm = [];
        for (var round = 0; round < Rounds; round++)
        {
            await MeasureRoundAsync($"{round}", heads, first, warm);
        }

        Print("first build", first);
        Print("warm build", warm);
    }

    private async Task MeasureRoundAsync(string name, string[] heads, List<(double Script, double Runner)> first, List<(double Script, double Runner)> warm)
    {
        var tree = Path.Combine(directory, "trees", name);
        await using var provider = Measurement.CreateRunner(_repository, ["/bin/true"], Path.Combine(directory, "states", name));
        var runner = provider.GetRequiredService<IBuildRunner>();
        foreach (var measured in new[] { first, warm, warm })
        {
            measured.Add((await Measurement.TimeAsync(() => MergeByHandAsync(tree, heads)), await Measurement.TimeAsync(() => Measurement.BuildAsync(runner, heads))));
        }
    }

    // Each commit of main changes one file and is a minute after the one before. The changes begin one after the other at the last hundred.
    private async Task CreateAsync()
    {
        await Cli.Wrap("git").WithArguments(["init", "--quiet", "--bare", "--initial-branch=main", _repository]).ExecuteAsync();
        await File.WriteAllTextAsync(_script, Script);
        StringBuilder stream = new();
        for (var commit = 1; commit <= Commits; commit++)
        {
            Append(stream, "main", commit, commit, commit - 1, $"dir{commit % 10}/file{commit % Files}.txt");
        }

        for (var change = 1; change <= Changes; change++)
        {
            Append(stream, $"change/{change}", Commits + change, Commits + change, Commits - (change * 14), $"change{change}.txt");
        }

        await Cli.Wrap("git").WithArguments(["-C", _repository, "fast-import", "--quiet"]).WithStandardInputPipe(PipeSource.FromString(stream.ToString())).ExecuteAsync();
    }

    private static void Append(StringBuilder stream, string branch, int mark, int minute, int parent, string path)
    {
        var text = mark.ToString(CultureInfo.InvariantCulture);
        stream.Append(CultureInfo.InvariantCulture, $"commit refs/heads/{branch}\nmark :{mark}\ncommitter Benchmark <benchmark@localhost> {1_600_000_000L + (minute * 60L)} +0000\ndata 1\nx\n");
        stream.Append(parent > 0 ? string.Create(CultureInfo.InvariantCulture, $"from :{parent}\n") : "");
        stream.Append(CultureInfo.InvariantCulture, $"M 100644 inline {path}\ndata {text.Length}\n{text}\n\n");
    }

    private async Task MergeByHandAsync(string tree, string[] heads) =>
        await Cli.Wrap("/bin/sh").WithArguments([_script, _repository, tree, .. heads]).ExecuteAsync();

    private async Task<string> GitAsync(params string[] arguments) =>
        (await Cli.Wrap("git").WithArguments(["-C", _repository, .. arguments]).ExecuteBufferedAsync()).StandardOutput;

    private static void Print(string what, List<(double Script, double Runner)> times)
    {
        var (script, runner) = (Measurement.Median([.. times.Select(static time => time.Script)]), Measurement.Median([.. times.Select(static time => time.Runner)]));
        Measurement.Print($"{what} of {Changes} changes on {Commits} commits, p50 of {times.Count}: script {script:F0} ms, runner {runner:F0} ms, {runner / script:F2} times as long; allowed {Allowed} times");
    }
}
