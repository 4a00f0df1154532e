using System.Globalization;
using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Repository;

/// <summary>Random attributes in random places, and edits by three sides: the merge is that of git in a checkout.</summary>
[Slow]
public sealed class GeneratedMergesTests
{
    private const int Cases = 12;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("MERGE_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 20260;

    private static readonly string[] Directories = ["", "k/", "k/deep/", "k/deep/er/", "odd dir/", "[k]/", "k*/", "a\\\"b/", "\\303\\274/", "caf\\351/", "#x/", "back\\\\slash/"];
    private static readonly string[] Files = ["a.lock", "b.txt", "with blank"];

    private static readonly string[] Patterns =
    [
        "*", "*.lock", "a.*", "/a.lock", "/b.txt", "k/*.lock", "k/**/a.lock", "**/a.lock", "**/deep/*", "deep/a.lock", "deep/", "deep/**", "er/*.txt", "/deep/er/b.txt",
        "\"with blank\"", "\"odd dir/*\"", "\"a\\\"b/*\"", "\\[k\\]/*", "[k]/*", "k\\*/*", "k*/*", "[[:alpha:]].lock", "[!a].txt", "?.txt", "#x/*", "\\#x/*", "!*.lock",
        "\"\\303\\274/*\"", "\"caf\\351/*\"", "back\\\\slash/*", "with*", "*/b.txt",
    ];

    private static readonly string[] Values =
        ["-merge", "merge=union", "merge=union", "binary", "merge", "!merge", "merge=binary", "merge=text", "-text", "mine", "-mine", "merge=unknown", "-diff", "text=auto -merge", "text merge=union"];

    private static readonly string[] Macros = ["[attr]mine merge=union\n", "[attr]mine -merge\n", "[attr]binary merge=union\n"];

    [TimedTheory]
    [Slow]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Each_is_what_git_makes_of_it(int number)
    {
        var seed = Seed + number;
        using var repository = await TestRepository.CreateAsync();
        using var merging = await Merging.OpenAsync(repository);
        var commits = await CreateAsync(repository, new Random(seed));
        var expected = await MergedByGit.DescribeAsync(repository, commits.Select(static one => (one[0], one.Skip(1))));
        List<string> actual = [];

        foreach (var one in commits)
        {
            actual.Add(await merging.ApplyAsync(one[0], one[1..]) switch
            {
                ApplyResult.Conflict conflict => $"conflict with {conflict.CommitId}",
                ApplyResult.Applied applied => applied.Head.Tree,
                var other => other.ToString(),
            });
        }

        actual.Should().Equal(expected, "seed {0}", seed);
        expected.Count(static text => text.StartsWith("conflict", StringComparison.Ordinal)).Should().BeInRange(1, Cases - 1, "a test is worth little where all end alike");
    }

    // Of each case the target, two changes, and where all three come from.
    private static async Task<List<string[]>> CreateAsync(TestRepository repository, Random random)
    {
        StringBuilder stream = new();
        for (var number = 0; number < Cases; number++)
        {
            var mark = (number * 4) + 1;
            var places = random.GetItems(Directories, 3).Distinct(StringComparer.Ordinal).ToArray();
            Commit(stream, mark, from: null, [.. places.SelectMany(static place => Files.Select(file => (place + file, Text(0, 0)))), .. Attributes(random, places, likely: 0.8)]);
            for (var side = 1; side < 4; side++)
            {
                List<(string, string)> files = [.. Attributes(random, places, likely: 0.3)];
                files.AddRange(places.SelectMany(static place => Files.Select(file => place + file)).Where(_ => random.Next(3) > 0).Select(path => (path, Text(random.Next(7) > 0 ? side : 0, side))));
                Commit(stream, mark + side, from: mark, files);
            }
        }

        await File.WriteAllTextAsync(repository["stream"], stream.ToString());
        await repository.ShellAsync($"git fast-import --quiet --force --export-marks={repository["marks"]} < {repository["stream"]}");
        var ids = (await File.ReadAllLinesAsync(repository["marks"])).Select(static line => line.Split(' ')).ToDictionary(static fields => fields[0], static fields => fields[1]);
        return [.. Enumerable.Range(0, Cases).Select(number => Enumerable.Range(2, 3).Select(side => ids[$":{(number * 4) + side}"]).ToArray())];
    }

    // Each side has a line of its own, far from those of the others, and one that may be that of all.
    private static string Text(int own, int common) => string.Concat(Enumerable.Range(0, 40).Select(line =>
        line == own * 10 && own > 0 ? $"own {own}\n" : line == 2 && common > 1 && own == 0 ? $"common {common}\n" : $"{line}\n"));

    private static IEnumerable<(string Path, string Content)> Attributes(Random random, string[] places, double likely)
    {
        foreach (var place in places.Append("").Append("k/").Distinct(StringComparer.Ordinal))
        {
            if (random.NextDouble() < likely)
            {
                var macro = random.Next(4) == 0 ? random.GetItems(Macros, 1)[0] : "";
                yield return (place + ".gitattributes", macro + string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"{random.GetItems(Patterns, 1)[0]} {random.GetItems(Values, 1)[0]}\n")));
            }
        }
    }

    private static void Commit(StringBuilder stream, int mark, int? from, IEnumerable<(string Path, string Content)> files)
    {
        stream.Append(CultureInfo.InvariantCulture, $"commit refs/heads/case-{mark}\nmark :{mark}\ncommitter Somebody <somebody@example.org> {1_700_000_000 + mark} +0000\ndata 1\nx\n");
        stream.Append(from is { } parent ? $"from :{parent}\n" : "");
        foreach (var (path, content) in files)
        {
            stream.Append(CultureInfo.InvariantCulture, $"M 100644 inline \"{path}\"\ndata {content.Length}\n{content}\n");
        }

        stream.Append('\n');
    }
}
