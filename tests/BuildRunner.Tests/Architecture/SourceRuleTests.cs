namespace BuildRunner.Tests.Architecture;

public sealed class SourceRuleTests
{
    private static readonly IReadOnlyList<string> Files = Repository.Files("src", ".cs");

    [Fact]
    public void The_files_are_found()
    {
        Files.Select(Repository.Name).Should().Contain("src/BuildRunner/Runners/IBuildRunner.cs").And.NotContain(file => file.Contains("/obj/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_has_one_public_type_and_its_name()
    {
        Broken(file => Read(file).MisnamedTypes()).Should().BeEmpty();
    }

    [Fact]
    public void Public_types_are_in_the_namespace_of_their_package()
    {
        Broken(file => Read(file).MisplacedTypes(Repository.Name(file).Split('/')[1])).Should().BeEmpty();
    }

    [Fact]
    public void Public_classes_are_sealed_static_or_abstract_but_for_exceptions()
    {
        Broken(file => Read(file).OpenClasses()).Should().BeEmpty();
    }

    [Fact]
    public void Public_records_have_named_properties()
    {
        Broken(file => Read(file).PositionalRecords()).Should().BeEmpty();
    }

    [Fact]
    public void The_zero_of_a_public_enum_is_no_success()
    {
        Broken(file => Read(file).SuccessfulZeros()).Should().BeEmpty();
    }

    [Fact]
    public void Files_and_lines_are_short()
    {
        Broken(file => Read(file).LongLines()).Should().BeEmpty();
    }

    /// <summary>The merge queue is read in ten minutes.</summary>
    [Fact]
    public void The_merge_queue_has_at_most_400_lines()
    {
        var files = Repository.Files("doc/samples/MergeQueue", ".cs");

        files.Sum(static file => File.ReadLines(file).Count()).Should().BeInRange(100, 400);
        files.SelectMany(static file => Read(file).LongLines()).Should().BeEmpty();
    }

    private static SourceFile Read(string file) => new(file, File.ReadAllText(file));

    private static IEnumerable<string> Broken(Func<string, IEnumerable<string>> rule) =>
        Files.SelectMany(file => rule(file).Select(type => $"{Repository.Name(file)}: {type}"));
}
