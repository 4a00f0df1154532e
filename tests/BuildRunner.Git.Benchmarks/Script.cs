using System.Globalization;
using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Benchmarks;

/// <summary>A script as one would write it by hand: it merges, commits, checks out, cleans and runs the command, with git and nothing else.</summary>
internal sealed class Script(Sample sample, string directory)
{
    // Repository, work tree, head, command.
    private const string Text = """
        set -eu
        export GIT_AUTHOR_NAME=Script GIT_AUTHOR_EMAIL=script@localhost GIT_COMMITTER_NAME=Script GIT_COMMITTER_EMAIL=script@localhost
        repository=$1 tree=$2 head=$3
        shift 3
        target=$(git -C "$repository" rev-parse --verify --quiet 'refs/heads/main^{commit}')
        merged=$(git -C "$repository" merge-tree --write-tree --no-messages "$target" "$head")
        commit=$(git -C "$repository" commit-tree "$merged" -p "$target" -p "$head" -m "Apply $head")
        git -C "$repository" update-ref "refs/builds/$head" "$commit"
        git -C "$tree" clean --quiet -ffdx
        git -C "$tree" checkout --quiet --force --detach "$commit"
        cd "$tree"
        exec "$@" > "$tree.log" 2>&1

        """;

    private readonly string _script = Path.Combine(directory, "build.sh");
    private readonly string _repository = Path.Combine(directory, "script.git");

    public async Task CreateAsync(int workTrees, bool checkOut = true)
    {
        await File.WriteAllTextAsync(_script, Text);
        await Cli.Wrap("git").WithArguments(["clone", "--quiet", "--bare", sample.Path, _repository]).ExecuteBufferedAsync();
        for (var tree = 0; tree < workTrees; tree++)
        {
            await Cli.Wrap("git").WithArguments(["-C", _repository, "worktree", "add", "--quiet", "--detach", .. (checkOut ? Array.Empty<string>() : ["--no-checkout"]), TreeOf(tree), "main"]).ExecuteBufferedAsync();
        }
    }

    public async Task RunAsync(string head, int tree, IEnumerable<string> command) =>
        await Cli.Wrap("/bin/sh").WithArguments([_script, _repository, TreeOf(tree), head, .. command]).ExecuteAsync();

    private string TreeOf(int tree) => Path.Combine(directory, "trees", tree.ToString(CultureInfo.InvariantCulture));
}
