using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Benchmarks;

/// <summary>A repository to build: a target branch with some files, and a branch for each change.</summary>
internal sealed class Sample(string directory)
{
    public const string RepositoryName = "sample";
    private const int Files = 200;

    public string Path { get; } = System.IO.Path.Combine(directory, "sample");

    public List<string> Heads { get; } = [];

    public async Task CreateAsync(int changes)
    {
        Directory.CreateDirectory(Path);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        for (var file = 0; file < Files; file++)
        {
            var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, $"dir{file % 10}")).FullName;
            await File.WriteAllTextAsync(System.IO.Path.Combine(folder, $"file{file}.txt"), string.Concat(Enumerable.Repeat($"line of {file}\n", 50)));
        }

        await CommitAsync("target");
        for (var change = 0; change < changes; change++)
        {
            await GitAsync("checkout", "--quiet", "-B", $"head{change}", "main");
            await File.WriteAllTextAsync(System.IO.Path.Combine(Path, $"head{change}.txt"), $"{change}\n");
            Heads.Add(await CommitAsync($"head {change}"));
        }

        await GitAsync("checkout", "--quiet", "main");
    }

    private async Task<string> CommitAsync(string message)
    {
        await GitAsync("add", "--all");
        await GitAsync("-c", "user.name=Benchmark", "-c", "user.email=benchmark@localhost", "commit", "--quiet", "--message", message);
        return (await GitAsync("rev-parse", "HEAD")).Trim();
    }

    private async Task<string> GitAsync(params string[] arguments) =>
        (await Cli.Wrap("git").WithArguments(["-C", Path, .. arguments]).ExecuteBufferedAsync()).StandardOutput;
}
