using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Benchmarks;

/// <summary>A repository of 100,000 files and one submodule: the first build, which writes all files, and later builds, which change one file each. Alternates with the script.</summary>
internal sealed class ManyFiles(string directory)
{
    private const int Files = 100_000;
    private const int FilesInDirectory = 100;
    private const int FirstRounds = 2;
    private const int WarmRounds = 4;

    private readonly Sample _sample = new(directory);

    public async Task RunAsync(string[] command)
    {
        await CreateAsync();
        Script script = new(_sample, directory);
        await script.CreateAsync(FirstRounds, checkOut: false);
        List<double> firstScripts = [];
        List<double> firstBuilds = [];
        List<double> scripts = [];
        List<double> builds = [];
        for (var round = 0; round < FirstRounds; round++)
        {
            await using var provider = Measurement.CreateRunner(_sample.Path, command, Path.Combine(directory, $"state{round}"));
            var runner = provider.GetRequiredService<IBuildRunner>();
            firstScripts.Add(await Measurement.TimeAsync(() => script.RunAsync(_sample.Heads[0], round, command)));
            firstBuilds.Add(await Measurement.TimeAsync(() => Measurement.BuildAsync(runner, _sample.Heads[0])));
            foreach (var head in _sample.Heads.Skip(1))
            {
                scripts.Add(await Measurement.TimeAsync(() => script.RunAsync(head, round, command)));
                builds.Add(await Measurement.TimeAsync(() => Measurement.BuildAsync(runner, head)));
            }
        }

        Print("first build", firstScripts, firstBuilds);
        Print("next build", scripts, builds);
    }

    private async Task CreateAsync()
    {
        Directory.CreateDirectory(_sample.Path);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        using MemoryStream stream = new();
        await using (StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" })
        {
            await WriteCommitAsync(writer, "main", "");
            await writer.WriteLineAsync("M 160000 0123456789012345678901234567890123456789 libraries/submodule");
            await WriteFileAsync(writer, ".gitmodules", "[submodule \"submodule\"]\n\tpath = libraries/submodule\n\turl = https://git.example.org/submodule.git\n");
            for (var file = 0; file < Files; file++)
            {
                await WriteFileAsync(writer, PathOf(file), string.Concat(Enumerable.Repeat($"line of {file}\n", 20)));
            }

            for (var head = 0; head <= WarmRounds; head++)
            {
                await WriteCommitAsync(writer, $"head{head}", "from refs/heads/main\n");
                await WriteFileAsync(writer, PathOf(head * (Files / 10)), $"changed by {head}\n");
            }
        }

        stream.Position = 0;

        // Otherwise git gives the memory of each of the 100,000 objects back to the system, which takes minutes on some machines.
        await Cli.Wrap("git")
            .WithArguments(["-C", _sample.Path, "fast-import", "--quiet", "--depth=0"])
            .WithEnvironmentVariables(static variables => variables.Set("MALLOC_MMAP_THRESHOLD_", "200000000").Set("MALLOC_TRIM_THRESHOLD_", "400000000"))
            .WithStandardInputPipe(PipeSource.FromStream(stream))
            .ExecuteBufferedAsync();
        for (var head = 0; head <= WarmRounds; head++)
        {
            _sample.Heads.Add((await GitAsync("rev-parse", $"head{head}")).Trim());
        }
    }

    private static string PathOf(int file) => string.Create(
        CultureInfo.InvariantCulture, $"sources/group{file / 10_000}/directory{file / FilesInDirectory}/file{file}.txt");

    private static async Task WriteCommitAsync(StreamWriter writer, string branch, string from) =>
        await writer.WriteAsync(
            $"commit refs/heads/{branch}\ncommitter Benchmark <benchmark@localhost> 1000000000 +0000\ndata {branch.Length}\n{branch}\n{from}");

    private static async Task WriteFileAsync(StreamWriter writer, string path, string content) =>
        await writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"M 100644 inline {path}\ndata {content.Length}\n{content}\n"));

    private async Task<string> GitAsync(params string[] arguments) =>
        (await Cli.Wrap("git").WithArguments(["-C", _sample.Path, .. arguments]).ExecuteBufferedAsync()).StandardOutput;

    private static void Print(string what, List<double> scripts, List<double> builds)
    {
        var (script, build) = (Measurement.Median(scripts), Measurement.Median(builds));
        Measurement.Print($"{Files} files and a submodule, {what}, p50 of {builds.Count}: script {script:F0} ms, runner {build:F0} ms, {build / script:F2} times; allowed 2");
    }
}
